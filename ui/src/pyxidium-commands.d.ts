// Made by `pyxidium types`: run it again when a command changes.

import type {} from "pyxidium";

declare module "pyxidium" {
  interface Commands {
    analyse: { args: { path: string }; result: Analysis };
    build: { args: { path: string }; item: LogLine | Sealed };
    choose: { args: { what: "script" | "folder" | "sealed" | "output_folder" }; result: string | null };
    copy: { args: { text: string }; result: null };
    finish: { args: Record<string, never>; result: null };
    forget: { args: { path: string }; result: Recent[] };
    inspect_file: { args: { path: string }; result: Inspection };
    kind_of: { args: { path: string }; result: "project" | "sealed" };
    measure: { args: { path: string; arguments: string; function: FunctionName }; item: LogLine | Measured };
    open_project: { args: { path: string }; result: Project };
    profile: { args: { path: string; arguments: string }; item: LogLine | Profiled };
    recent: { args: Record<string, never>; result: Recent[] };
    run_result: { args: { path: string }; item: Started | Output | Exited };
    save_settings: { args: { settings: SettingsInput }; result: Settings };
    show_in_folder: { args: { path: string }; result: null };
    start: { args: Record<string, never>; result: Start };
    verify_file: { args: { path: string }; result: number };
  }
}

export interface Analysis {
  total: number;
  parts: Part[];
  window: WindowSummary | null;
  attention: Attention[];
}

export interface Attention {
  level: "error" | "warning" | "note";
  message: string;
  hint: string | null;
}

export interface Entry {
  path: string;
  size: number;
  stored: number;
}

export interface Exited {
  kind: "exited";
  code: number;
}

export interface FunctionName {
  file: string;
  line: number;
  name: string;
}

export interface Gain {
  name: string;
  calls: string[];
  python: number;
  kernel: number;
  first: number;
  factor: number;
  equal: boolean;
  difference: string | null;
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

export interface KernelProblem {
  line: number;
  expression: string;
  message: string;
  hint: string;
}

export interface KernelVerdict {
  fits: boolean;
  problems: KernelProblem[];
}

export interface Library {
  path: string;
  size: number;
  stored: number;
  needs: string[];
}

export interface LogLine {
  kind: "log";
  level: "step" | "note" | "warning";
  text: string;
  at: number;
}

export interface Measured {
  kind: "measured";
  gain: Gain;
}

export interface Output {
  kind: "output";
  stream: "stdout" | "stderr";
  text: string;
}

export interface Part {
  name: string;
  kind: "app" | "package" | "stdlib" | "runtime" | "other";
  version: string | null;
  license: string | null;
  size: number;
  stored: number;
  entries: Entry[];
}

export interface Profile {
  format: string;
  version: number;
  app: string;
  seconds: number;
  processor_seconds: number;
  profiler_seconds: number;
  rate: number;
  samples: number;
  torn: number;
  processes: number;
  busy: number;
  waiting: number;
  exit: number | null;
  functions: ProfileFunction[];
  nodes: ProfileNode[];
}

export interface ProfileFunction {
  name: string;
  file: string;
  place: string;
  line: number;
  kind: "app" | "package" | "stdlib" | "other";
  package: string | null;
  self: number;
  total: number;
  waiting: number;
  lines: ProfileLine[];
  kernel: KernelVerdict | null;
}

export interface ProfileLine {
  line: number;
  text: string;
  self: number;
  total: number;
  waiting: number;
}

export interface ProfileNode {
  function: number;
  parent: number | null;
  self: number;
  waiting: number;
}

export interface Profiled {
  kind: "profiled";
  profile: Profile;
}

export interface Project {
  path: string;
  name: string;
  version: string | null;
  runs: string;
  output: string;
  python: string;
  files: SourceFile[];
  requirements: Requirement[];
  notes: string[];
  warnings: string[];
}

export interface Recent {
  path: string;
  name: string;
  kind: "project" | "sealed";
  opened: string;
}

export interface Requirement {
  text: string;
  file: string;
  line: number;
}

export interface Sealed {
  kind: "sealed";
  path: string;
  size: number;
  seconds: number;
  packages: number;
}

export interface Settings {
  theme: "system" | "light" | "dark";
  output_folder: string | null;
  offline: boolean;
  upgrade: boolean;
  index_url: string;
  native_libraries: "memory" | "cache";
}

export interface SettingsInput {
  theme?: "system" | "light" | "dark";
  output_folder?: string | null;
  offline?: boolean;
  upgrade?: boolean;
  index_url?: string;
  native_libraries?: "memory" | "cache";
}

export interface SourceFile {
  path: string;
  size: number;
}

export interface Start {
  version: string;
  home: string;
  settings: Settings;
  recent: Recent[];
  open: string | null;
}

export interface Started {
  kind: "started";
  pid: number;
}

export interface WindowSummary {
  title: string;
  ui: string;
  width: number;
  height: number;
  capabilities: string[];
  origins: string[];
}
