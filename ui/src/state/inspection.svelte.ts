/** A sealed file that is looked into. */

import { type Failure, type Inspection, failure, studio } from "../client";
import { Task } from "./task.svelte";

export class InspectionState {
  readonly path: string;
  contents = $state.raw<Inspection | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** How many bytes were found sound. */
  verified = $state<number | null>(null);
  readonly verifying = new Task();

  constructor(path: string) {
    this.path = path;
  }

  async open(): Promise<void> {
    try {
      this.contents = await studio.inspect(this.path);
    } catch (error) {
      this.failure = failure(error);
    }
  }

  verify(): Promise<void> {
    this.verified = null;
    return this.verifying.run(async (watch) => {
      this.verified = await studio.verify(this.path, watch);
    });
  }

  close(): void {
    this.verifying.reset();
  }
}
