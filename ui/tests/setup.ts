/** What the pretended browser lacks, and a clean page for every test. */

import { cleanup } from "@testing-library/svelte";
import { afterEach, beforeEach } from "vitest";

import { mockPython } from "./mock";

beforeEach(() => mockPython());
afterEach(() => {
  cleanup();
  delete document.documentElement.dataset.theme;
});

/** No layout here: every element is as large as a small window. */
for (const [name, length] of [["clientWidth", 600], ["clientHeight", 400]] as const) {
  Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => length });
}
