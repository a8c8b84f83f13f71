import { expect, it } from "vitest";

import { ariaKeys, keyCaps, matches } from "./keys";

const press = (key: string, held: Partial<Record<"ctrlKey" | "metaKey" | "shiftKey" | "altKey", boolean>> = {}) => ({
  key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held,
});

it("knows a shortcut by all of its keys", () => {
  expect(matches("Mod+O", press("o", { ctrlKey: true }), false)).toBe(true);
  expect(matches("Mod+O", press("o"), false)).toBe(false);
  expect(matches("Mod+O", press("O", { ctrlKey: true, shiftKey: true }), false)).toBe(false);
  expect(matches("Mod+Shift+O", press("O", { ctrlKey: true, shiftKey: true }), false)).toBe(true);
  expect(matches("Mod+O", press("o", { ctrlKey: true, altKey: true }), false)).toBe(false);
});

it("takes the command key on a Mac", () => {
  expect(matches("Mod+O", press("o", { metaKey: true }), true)).toBe(true);
  expect(matches("Mod+O", press("o", { ctrlKey: true }), true)).toBe(false);
});

it("takes a sign as it comes, with Shift or without", () => {
  expect(matches("?", press("?", { shiftKey: true }), false)).toBe(true);
  expect(matches("?", press("?"), false)).toBe(true);
  expect(matches("Mod+,", press(",", { ctrlKey: true }), false)).toBe(true);
});

it("shows the keys of the keyboard", () => {
  expect(keyCaps("Mod+Shift+O", false)).toEqual(["Ctrl", "Shift", "O"]);
  expect(keyCaps("Mod+Shift+O", true)).toEqual(["⌘", "⇧", "O"]);
  expect(keyCaps("Escape", false)).toEqual(["Esc"]);
  expect(ariaKeys("Mod+B", false)).toBe("Control+B");
});
