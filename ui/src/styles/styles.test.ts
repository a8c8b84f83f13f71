import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

const ui = join(import.meta.dirname, "../..");
const tokens = readFileSync(join(ui, "src/styles/tokens.css"), "utf8");

/** A token's colour, light or dark. */
function colour(name: string, dark: boolean): string {
  const value = new RegExp(`--${name}: (.*);`).exec(tokens)?.[1] ?? "";
  const pair = /light-dark\((#\w+), (#\w+)\)/.exec(value);
  return pair ? pair[dark ? 2 : 1]! : value;
}

/** Relative luminance, as WCAG 2.2 defines it. */
function luminance(hex: string): number {
  const channels = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
  const [r = 0, g = 0, b = 0] = channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const TILES = ["app", "stdlib", "runtime", "other", 0, 1, 2, 3, 4, 5, 6, 7].map((n) => ["on-tile", `tile-${n}`]);
const TEXTS = ["ground", "sunken", "surface"].flatMap((ground) =>
  ["text", "text-soft", "text-faint", "accent"].map((text) => [text, ground]),
);
const MESSAGES = ["good", "warn", "bad", "info"].map((tone) => [tone, `${tone}-soft`]);

it.each([...TILES, ...TEXTS, ...MESSAGES, ["on-accent", "accent"]])("%s is legible on %s", (text = "", ground = "") => {
  for (const dark of [false, true]) {
    expect(contrast(colour(text, dark), colour(ground, dark)), dark ? "dark" : "light").toBeGreaterThanOrEqual(4.5);
  }
});

it("has no style attribute and no inline handler in a template: the page's policy refuses them", () => {
  const templates = ["src", "src/components", "src/views"].flatMap((folder) =>
    readdirSync(join(ui, folder)).filter((name) => name.endsWith(".svelte")).map((name) => join(ui, folder, name)),
  );
  expect(templates.length).toBeGreaterThan(15);
  for (const file of [...templates, join(ui, "index.html")]) {
    expect(readFileSync(file, "utf8"), file).not.toMatch(/\sstyle="|\son\w+="|javascript:/);
  }
});
