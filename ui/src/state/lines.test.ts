import { expect, it } from "vitest";

import { Lines } from "./lines.svelte";

it("keeps the newest lines of a long log", () => {
  const lines = new Lines();
  for (let i = 0; i < 5000; i += 1) lines.add(`line ${i}`);
  expect(lines.list).toHaveLength(2000);
  expect(lines.list.at(-1)?.text).toBe("line 4999");
  expect(new Set(lines.list.map(({ id }) => id)).size).toBe(2000);
});

it("is text for the clipboard", () => {
  const lines = new Lines();
  lines.add("one");
  lines.add("two", "error");
  expect(lines.text).toBe("one\ntwo");
});
