/** Where the open project's time goes, and what kernels would bring. */

import { type Gain, type Profile, type ProfileFunction, studio } from "../client";
import type { Counted } from "../lib/flame";
import { sentence } from "../lib/format";
import { Lines } from "./lines.svelte";
import { Task } from "./task.svelte";

export class SpeedState {
  readonly path: string;
  /** Arguments of the app, as they would be typed. */
  arguments = $state("");
  profile = $state.raw<Profile | null>(null);
  counted = $state<Counted>("busy");
  /** The function that is looked at, by its index. */
  current = $state<number | null>(null);
  /** What was measured, by the function's index. */
  gains = $state.raw<ReadonlyMap<number, Gain>>(new Map());
  /** The function that is being measured, or was last. */
  measured = $state<number | null>(null);

  readonly profiling = new Task();
  readonly measuring = new Task();
  readonly output = new Lines();

  constructor(path: string) {
    this.path = path;
  }

  get running(): boolean {
    return this.profiling.running || this.measuring.running;
  }

  get looked(): ProfileFunction | null {
    return this.current === null ? null : (this.profile?.functions[this.current] ?? null);
  }

  async start(): Promise<void> {
    if (this.running) return;
    this.output.clear();
    this.measuring.reset();
    await this.profiling.run(async (watch) => {
      for await (const event of studio.profile(this.path, this.arguments, watch)) {
        if (event.kind === "log") this.#log(event);
        else this.#show(event.profile);
      }
    });
  }

  /** Ends the app; what was seen so far is shown. */
  async stop(): Promise<void> {
    if (this.measuring.running) this.measuring.cancel();
    else if (this.profiling.running) await studio.finish();
  }

  async measure(index: number): Promise<void> {
    const wanted = this.profile?.functions[index];
    if (!wanted || this.running) return;
    const { file, line, name } = wanted;
    this.measured = index;
    this.output.clear();
    await this.measuring.run(async (watch) => {
      for await (const event of studio.measure(this.path, this.arguments, { file, line, name }, watch)) {
        if (event.kind === "log") this.#log(event);
        else this.gains = new Map(this.gains).set(index, event.gain);
      }
    });
  }

  /** Nothing goes on when another project is opened. */
  close(): void {
    this.profiling.reset();
    this.measuring.reset();
  }

  #log({ level, text, at }: { level: "step" | "note" | "warning"; text: string; at: number }): void {
    if (level === "step") this.output.add(sentence(text), "step", at);
    else this.output.add(text, level === "warning" ? "error" : "plain");
  }

  #show(profile: Profile): void {
    this.profile = profile;
    this.gains = new Map();
    this.measured = null;
    // What can be made faster is what a person wants to see first.
    const own = profile.functions.findIndex(({ kind, name }) => kind === "app" && name !== "<module>");
    this.current = own >= 0 ? own : profile.functions.length > 0 ? 0 : null;
  }
}
