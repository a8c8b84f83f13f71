import { expect, it } from "vitest";

import { start } from "../../tests/data";
import { mockPython } from "../../tests/mock";
import { Studio } from "./studio.svelte";

it("starts with what Python knows", async () => {
  const studio = new Studio();
  await studio.start();
  expect(studio).toMatchObject({ ready: true, view: "welcome", home: "/home/ada" });
  expect(studio.recent).toHaveLength(3);
});

it("opens what it was started with", async () => {
  mockPython({ start: () => ({ ...start, open: "/home/ada/dist/ledger" }) });
  const studio = new Studio();
  await studio.start();
  expect(studio.view).toBe("inspection");
});

it("asks Python what an unknown path is", async () => {
  mockPython({ kind_of: () => "sealed" });
  const studio = new Studio();
  await studio.open("/somewhere/file");
  expect(studio.view).toBe("inspection");
});

it("changes nothing when nobody chose a file", async () => {
  mockPython({ choose: () => null });
  const studio = new Studio();
  await studio.choose("folder");
  expect(studio.view).toBe("welcome");
});

it("takes a theme at once, and the desktop's when asked", async () => {
  const studio = new Studio();
  await studio.save({ theme: "dark" });
  expect(document.documentElement.dataset.theme).toBe("dark");
  await studio.save({ theme: "system" });
  expect(document.documentElement.dataset.theme).toBeUndefined();
});

it("says in passing what failed", async () => {
  mockPython({ show_in_folder: () => Promise.reject(new Error("no file manager")) });
  const studio = new Studio();
  await studio.show("/x");
  expect(studio.notices.map(({ text, tone }) => [text, tone])).toEqual([["no file manager", "bad"]]);
});

it("opens what is dropped, and shows that it may be", async () => {
  const python = mockPython();
  const studio = new Studio();
  await studio.start();
  python.emit("drag-enter", { paths: ["/p"], position: { x: 1, y: 1 } });
  expect(studio.dragging).toBe(true);
  python.emit("drag-leave");
  expect(studio.dragging).toBe(false);
  python.emit("drop", { paths: ["/home/ada/new"], position: { x: 1, y: 1 } });
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(studio.project?.path).toBe("/home/ada/new");
});

it("copies by way of the desktop", async () => {
  let copied = "";
  mockPython({ copy: ({ text }: { text: string }) => (copied = text) });
  const studio = new Studio();
  await studio.copy("abc", "Hash");
  expect(copied).toBe("abc");
  expect(studio.notices[0]?.text).toBe("Hash copied");
});
