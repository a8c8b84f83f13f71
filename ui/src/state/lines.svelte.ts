/** Lines of a log: the newest ones, however many came. */

export interface Line {
  id: number;
  tone: "plain" | "step" | "note" | "warning" | "error" | "good";
  text: string;
  /** Seconds since the start, where it matters. */
  at: number | null;
}

/** What a person could still scroll through. */
const MOST = 2000;

export class Lines {
  list = $state.raw<Line[]>([]);
  #next = 0;

  add(text: string, tone: Line["tone"] = "plain", at: number | null = null): void {
    const line = { id: this.#next++, text, tone, at };
    const kept = this.list.length >= MOST ? this.list.slice(this.list.length - MOST + 1) : this.list;
    this.list = [...kept, line];
  }

  clear(): void {
    this.list = [];
  }

  /** For the clipboard. */
  get text(): string {
    return this.list.map((line) => line.text).join("\n");
  }
}
