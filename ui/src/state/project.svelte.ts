/** The open project: what would go in, its build, and what the built file prints. */

import { type Analysis, type Failure, type Project, failure, studio } from "../client";
import { sentence } from "../lib/format";
import { Lines } from "./lines.svelte";
import { SpeedState } from "./speed.svelte";
import { Task } from "./task.svelte";

export interface Sealed {
  path: string;
  size: number;
  seconds: number;
  packages: number;
}

export class ProjectState {
  readonly path: string;
  project = $state.raw<Project | null>(null);
  failure = $state.raw<Failure | null>(null);
  analysis = $state.raw<Analysis | null>(null);
  sealed = $state.raw<Sealed | null>(null);
  exit = $state.raw<number | null>(null);
  /** Which log is shown. */
  shown = $state<"build" | "run">("build");

  readonly analysing = new Task();
  readonly building = new Task();
  readonly running = new Task();
  readonly log = new Lines();
  readonly output = new Lines();
  readonly speed: SpeedState;

  constructor(path: string) {
    this.path = path;
    this.speed = new SpeedState(path);
  }

  /** Reads the project; whether it is one. */
  async read(): Promise<boolean> {
    this.failure = null;
    try {
      this.project = await studio.openProject(this.path);
      return true;
    } catch (error) {
      this.failure = failure(error);
      return false;
    }
  }

  /** Reads the project, then looks at what would go in. */
  async open(): Promise<void> {
    if (await this.read()) await this.analyse();
  }

  analyse(): Promise<void> {
    return this.analysing.run(async (watch) => {
      this.analysis = await studio.analyse(this.path, watch);
    });
  }

  async build(): Promise<void> {
    if (this.building.running) return;
    this.shown = "build";
    this.sealed = null;
    this.log.clear();
    // Both would fetch the same packages; a build leaves nothing to wait for afterwards.
    const again = this.analysing.status !== "done";
    this.analysing.cancel();
    await this.building.run(async (watch) => {
      for await (const event of studio.build(this.path, watch)) {
        if (event.kind === "sealed") this.sealed = event;
        else this.log.add(sentence(event.text), event.level, event.at);
      }
    });
    const { status, failure: failed, seconds } = this.building;
    if (status === "cancelled") this.log.add("Cancelled", "warning", seconds);
    if (failed) this.log.add(failed.message, "error", seconds);
    if (again && status !== "failed" && status !== "idle") void this.analyse();
  }

  async run(): Promise<void> {
    const file = this.sealed;
    if (!file || this.running.running) return;
    this.shown = "run";
    this.exit = null;
    this.output.clear();
    await this.running.run(async (watch) => {
      for await (const event of studio.run(file.path, watch)) {
        if (event.kind === "output") {
          for (const line of event.text.split("\n")) {
            this.output.add(line, event.stream === "stderr" ? "error" : "plain");
          }
        } else if (event.kind === "exited") {
          this.exit = event.code;
        }
      }
    });
  }

  /** Nothing of a project goes on when another one is opened. */
  close(): void {
    this.analysing.reset();
    this.building.reset();
    this.running.reset();
    this.speed.close();
  }
}
