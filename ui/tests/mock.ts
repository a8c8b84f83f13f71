/** Python's side, played by data: for tests and for `npm run dev`. */

import { type Mock, type MockContext, mock } from "pyxidium";

import type { BuildEvent, MeasureEvent, ProfileEvent, Recent, RunEvent, Settings } from "../src/client";
import { analysis, inspection, project, start } from "./data";
import { gain, profile } from "./profile";

type Handler = (args: never, context: MockContext) => unknown;

const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("cancelled", "AbortError"));
    });
  });

async function* build(context: MockContext, step: number): AsyncGenerator<BuildEvent> {
  const steps = ["Compiling the app", "Resolving numpy>=2", "Packing numpy 2.3.1", "Packing pandas 2.3.3", "Writing words"];
  for (const [i, text] of steps.entries()) {
    context.progress(i / steps.length, text);
    yield { kind: "log", level: "step", text, at: (i * step) / 1000 };
    await pause(step, context.signal);
  }
  yield { kind: "log", level: "warning", text: "six names no licence", at: step / 200 };
  yield { kind: "sealed", path: project.output, size: analysis.total, seconds: 1.2, packages: 5 };
}

async function* run(context: MockContext, step: number): AsyncGenerator<RunEvent> {
  yield { kind: "started", pid: 4711 };
  for (let i = 1; i <= 3; i += 1) {
    yield { kind: "output", stream: i === 3 ? "stderr" : "stdout", text: `line ${i}` };
    await pause(step, context.signal);
  }
  yield { kind: "exited", code: 0 };
}

async function* profiled(context: MockContext, step: number): AsyncGenerator<ProfileEvent> {
  yield { kind: "log", level: "step", text: "compiling the app", at: 0 };
  for (let i = 1; i <= 5; i += 1) {
    context.progress(null, `looked ${i * 1000} times in ${i} s`);
    yield { kind: "log", level: "note", text: "hello", at: i };
    await pause(step, context.signal);
  }
  yield { kind: "profiled", profile };
}

async function* measured(context: MockContext, step: number): AsyncGenerator<MeasureEvent> {
  context.progress(null, "measuring on 2 calls");
  await pause(step, context.signal);
  yield { kind: "measured", gain };
}

/** Answers every command; `over` replaces some, `step` is how long a step of a build takes. */
export function mockPython(over: Record<string, Handler> = {}, step = 0): Mock {
  let recent: Recent[] = start.recent;
  const handlers: Record<string, Handler> = {
    start: () => start,
    choose: () => project.path,
    kind_of: () => "project",
    open_project: () => project,
    analyse: async (_: never, context) => {
      context.progress(0.4, "Resolving numpy>=2");
      await pause(step, context.signal);
      return analysis;
    },
    build: (_: never, context) => build(context, step),
    run_result: (_: never, context) => run(context, step),
    profile: (_: never, context) => profiled(context, step),
    measure: (_: never, context) => measured(context, step),
    finish: () => null,
    inspect_file: () => inspection,
    verify_file: () => 1204,
    show_in_folder: () => null,
    copy: () => null,
    recent: () => recent,
    forget: ({ path }: { path: string }) => (recent = recent.filter((entry) => entry.path !== path)),
    save_settings: ({ settings }: { settings: Settings }) => settings,
    ...over,
  };
  return mock(handlers);
}
