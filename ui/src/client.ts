/** The one door to Python: every command that the page calls, with its types. */

import { invoke, isAvailable, listen, PythonError, stream } from "pyxidium";

export type Theme = "system" | "light" | "dark";

export interface Settings {
  theme: Theme;
  /** Folder for sealed files; null: beside the project. */
  output_folder: string | null;
  offline: boolean;
  upgrade: boolean;
  /** A package index instead of PyPI; empty: PyPI. */
  index_url: string;
  native_libraries: "memory" | "cache";
}

export interface Recent {
  path: string;
  name: string;
  kind: "project" | "sealed";
  /** ISO 8601. */
  opened: string;
}

export interface Start {
  version: string;
  home: string;
  settings: Settings;
  recent: Recent[];
  /** What Studio was started with. */
  open: string | null;
}

export interface SourceFile {
  path: string;
  size: number;
}

export interface Requirement {
  text: string;
  file: string;
  line: number;
}

export interface WindowSummary {
  title: string;
  ui: string;
  width: number;
  height: number;
  capabilities: string[];
  origins: string[];
}

export interface Project {
  path: string;
  name: string;
  version: string | null;
  /** What is run, as `app.py` or `-m words`. */
  runs: string;
  output: string;
  python: string;
  files: SourceFile[];
  requirements: Requirement[];
  notes: string[];
  warnings: string[];
}

export type PartKind = "app" | "package" | "stdlib" | "runtime" | "other";

export interface Entry {
  path: string;
  size: number;
  stored: number;
}

export interface Part {
  name: string;
  kind: PartKind;
  version: string | null;
  license: string | null;
  size: number;
  stored: number;
  entries: Entry[];
}

export interface Attention {
  level: "error" | "warning" | "note";
  message: string;
  hint: string | null;
}

export interface Analysis {
  /** Length of the file that would be written. */
  total: number;
  parts: Part[];
  window: WindowSummary | null;
  attention: Attention[];
}

export type BuildEvent =
  | { kind: "log"; level: "step" | "note" | "warning"; text: string; at: number }
  | { kind: "sealed"; path: string; size: number; seconds: number; packages: number };

export type RunEvent =
  | { kind: "started"; pid: number }
  | { kind: "output"; stream: "stdout" | "stderr"; text: string }
  | { kind: "exited"; code: number };

export interface Library {
  path: string;
  size: number;
  stored: number;
  needs: string[];
}

export interface Inspection {
  path: string;
  name: string;
  version: string | null;
  runs: string;
  python: string;
  pyxidium: string;
  target: string;
  format: number;
  hash: string;
  size: number;
  payload_size: number;
  modules: number;
  window: WindowSummary | null;
  parts: Part[];
  libraries: Library[];
}

export interface Dropped {
  paths: string[];
  position: { x: number; y: number };
}

export type Choice = "script" | "folder" | "sealed" | "output_folder";

/** What a long call reports, and how it is ended. */
export interface Watch {
  onProgress?: (update: { fraction: number | null; message: string }) => void;
  signal?: AbortSignal;
}

export const studio = {
  isAvailable,
  start: () => invoke("start") as Promise<Start>,
  choose: (what: Choice) => invoke("choose", { what }) as Promise<string | null>,
  /** Whether a path is a project or a sealed file. */
  kind: (path: string) => invoke("kind_of", { path }) as Promise<Recent["kind"]>,
  openProject: (path: string) => invoke("open_project", { path }) as Promise<Project>,
  analyse: (path: string, watch: Watch) => invoke("analyse", { path }, watch) as Promise<Analysis>,
  build: (path: string, watch: Watch) => stream("build", { path }, watch) as AsyncIterable<BuildEvent>,
  run: (path: string, watch: Watch) => stream("run_result", { path }, watch) as AsyncIterable<RunEvent>,
  inspect: (path: string) => invoke("inspect_file", { path }) as Promise<Inspection>,
  verify: (path: string, watch: Watch) => invoke("verify_file", { path }, watch) as Promise<number>,
  show: (path: string) => invoke("show_in_folder", { path }) as Promise<null>,
  copy: (text: string) => invoke("copy", { text }) as Promise<null>,
  recent: () => invoke("recent") as Promise<Recent[]>,
  forget: (path: string) => invoke("forget", { path }) as Promise<Recent[]>,
  save: (settings: Settings) => invoke("save_settings", { settings }) as Promise<Settings>,
  /** The window tells of files that are held over it, and dropped. */
  onDrag: (handler: (over: boolean) => void) => {
    listen("drag-enter", () => handler(true));
    listen("drag-leave", () => handler(false));
  },
  onDrop: (handler: (dropped: Dropped) => void) => void listen("drop", handler),
};

/** An error as a person reads it: what is wrong, and what to do. */
export interface Failure {
  message: string;
  hint: string | null;
}

/** Python's message carries its hint on a `hint:` line, as on the command line. */
export function failure(error: unknown): Failure {
  const text = error instanceof Error ? error.message : String(error);
  const at = text.search(/\n?hint: /);
  if (at < 0) return { message: text, hint: null };
  return { message: text.slice(0, at).trim(), hint: text.slice(at).replace(/^\n?hint: /, "").trim() };
}

/** Whether a call ended because somebody wanted it to. */
export function wasCancelled(error: unknown): boolean {
  return (
    (error instanceof PythonError && error.type === "Cancelled") ||
    (error instanceof DOMException && error.name === "AbortError")
  );
}
