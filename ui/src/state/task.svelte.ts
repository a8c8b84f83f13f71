/** A long call as the page sees it: running, how far, how it ended. */

import { type Failure, type Watch, failure, wasCancelled } from "../client";

export type Status = "idle" | "running" | "done" | "failed" | "cancelled";

export class Task {
  status = $state<Status>("idle");
  /** From 0 to 1; null where nobody knows. */
  fraction = $state<number | null>(null);
  message = $state("");
  failure = $state<Failure | null>(null);
  /** Seconds since the start, or until the end. */
  seconds = $state(0);

  #controller: AbortController | null = null;

  get running(): boolean {
    return this.status === "running";
  }

  /** Runs `work`; a task that still runs is cancelled first. */
  async run(work: (watch: Required<Watch>) => Promise<void>): Promise<void> {
    this.cancel();
    const controller = new AbortController();
    this.#controller = controller;
    this.status = "running";
    this.fraction = null;
    this.message = "";
    this.failure = null;
    this.seconds = 0;
    const started = performance.now();
    const clock = setInterval(() => {
      this.seconds = (performance.now() - started) / 1000;
    }, 200);
    const onProgress: Required<Watch>["onProgress"] = ({ fraction, message }) => {
      if (this.#controller !== controller) return;
      this.fraction = fraction;
      this.message = message;
    };
    let status: Status = "done";
    let failed: Failure | null = null;
    try {
      await work({ signal: controller.signal, onProgress });
    } catch (error) {
      if (controller.signal.aborted || wasCancelled(error)) status = "cancelled";
      else [status, failed] = ["failed", failure(error)];
    } finally {
      clearInterval(clock);
    }
    // A later run took our place: its state is not ours to change.
    if (this.#controller !== controller) return;
    this.#controller = null;
    this.status = status;
    this.failure = failed;
    this.seconds = (performance.now() - started) / 1000;
  }

  /** Asks the running call to end; it says so when it has. */
  cancel(): void {
    this.#controller?.abort();
  }

  /** Ends the call and forgets it. */
  reset(): void {
    this.cancel();
    this.#controller = null;
    this.status = "idle";
    this.failure = null;
  }
}
