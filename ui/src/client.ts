/** The one door to Python: every command that the page calls. Their types are in
 *  `pyxidium-commands.d.ts`, which `pyxidium types app_py/studio` writes. */

import { type CallOptions, type Commands, PythonError, invoke, listen, stream } from "pyxidium";

import type { FunctionName, LogLine, Output, Exited, Measured, Part, Profiled, ProfileFunction, Sealed, Settings, Started } from "./pyxidium-commands";

export type {
  Analysis,
  Attention,
  Entry,
  Gain,
  Inspection,
  Library,
  Part,
  Profile,
  ProfileFunction,
  ProfileLine,
  Project,
  Recent,
  Settings,
  Start,
  WindowSummary,
} from "./pyxidium-commands";

export type Theme = Settings["theme"];
export type PartKind = Part["kind"];
export type BuildEvent = LogLine | Sealed;
export type RunEvent = Started | Output | Exited;
export type ProfileEvent = LogLine | Profiled;
export type MeasureEvent = LogLine | Measured;
export type CodeKind = ProfileFunction["kind"];
export type Choice = Commands["choose"]["args"]["what"];

/** What a long call reports, and how it is ended. */
export type Watch = Pick<CallOptions, "onProgress" | "signal">;

/** What was dropped on the window, and where. */
export interface Dropped {
  paths: string[];
  position: { x: number; y: number };
}

export const studio = {
  start: () => invoke("start"),
  choose: (what: Choice) => invoke("choose", { what }),
  /** Whether a path is a project or a sealed file. */
  kind: (path: string) => invoke("kind_of", { path }),
  openProject: (path: string) => invoke("open_project", { path }),
  analyse: (path: string, watch: Watch) => invoke("analyse", { path }, watch),
  build: (path: string, watch: Watch) => stream("build", { path }, watch),
  run: (path: string, watch: Watch) => stream("run_result", { path }, watch),
  /** Runs the app from its sources and looks where its time goes; `args` as they would be typed. */
  profile: (path: string, args: string, watch: Watch) => stream("profile", { path, arguments: args }, watch),
  /** Ends the app that is profiled; the profile comes as if it had ended itself. */
  finish: () => invoke("finish"),
  measure: (path: string, args: string, wanted: FunctionName, watch: Watch) =>
    stream("measure", { path, arguments: args, function: wanted }, watch),
  inspect: (path: string) => invoke("inspect_file", { path }),
  verify: (path: string, watch: Watch) => invoke("verify_file", { path }, watch),
  show: (path: string) => invoke("show_in_folder", { path }),
  copy: (text: string) => invoke("copy", { text }),
  recent: () => invoke("recent"),
  forget: (path: string) => invoke("forget", { path }),
  save: (settings: Settings) => invoke("save_settings", { settings }),
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
