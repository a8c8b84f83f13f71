/** Python's side, played by data: for tests and for `npm run dev`. */

import { mock } from "pyxidium";

import type { BuildEvent, Recent, RunEvent, Settings, Watch } from "../src/client";
import { analysis, inspection, project, start } from "./data";

type Handler = (args: never, watch: Watch) => unknown;

const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("cancelled", "AbortError"));
    });
  });

async function* build(watch: Watch, step: number): AsyncGenerator<BuildEvent> {
  const steps = ["Compiling the app", "Resolving numpy>=2", "Packing numpy 2.3.1", "Packing pandas 2.3.3", "Writing words"];
  for (const [i, text] of steps.entries()) {
    watch.onProgress?.({ fraction: i / steps.length, message: text });
    yield { kind: "log", level: "step", text, at: (i * step) / 1000 };
    await pause(step, watch.signal);
  }
  yield { kind: "log", level: "warning", text: "six names no licence", at: step / 200 };
  yield { kind: "sealed", path: project.output, size: analysis.total, seconds: 1.2, packages: 5 };
}

async function* run(watch: Watch, step: number): AsyncGenerator<RunEvent> {
  yield { kind: "started", pid: 4711 };
  for (let i = 1; i <= 3; i += 1) {
    yield { kind: "output", stream: i === 3 ? "stderr" : "stdout", text: `line ${i}` };
    await pause(step, watch.signal);
  }
  yield { kind: "exited", code: 0 };
}

/** Answers every command; `over` replaces some, `step` is how long a step of a build takes. */
export function mockPython(over: Record<string, Handler> = {}, step = 0): void {
  let recent: Recent[] = start.recent;
  const handlers: Record<string, Handler> = {
    start: () => start,
    choose: () => project.path,
    kind_of: () => "project",
    open_project: () => project,
    analyse: async (_: never, watch) => {
      watch.onProgress?.({ fraction: 0.4, message: "Resolving numpy>=2" });
      await pause(step, watch.signal);
      return analysis;
    },
    build: (_: never, watch) => build(watch, step),
    run_result: (_: never, watch) => run(watch, step),
    inspect_file: () => inspection,
    verify_file: () => 1204,
    show_in_folder: () => null,
    recent: () => recent,
    forget: ({ path }: { path: string }) => (recent = recent.filter((entry) => entry.path !== path)),
    save_settings: ({ settings }: { settings: Settings }) => settings,
    ...over,
  };
  mock(handlers);
}
