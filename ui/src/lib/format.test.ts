import { expect, it } from "vitest";

import { ago, count, duration, fileName, folderOf, sentence, share, shortPath, size } from "./format";

it("sizes, as the command line writes them", () => {
  expect([0, 999, 1000, 14_123_456, 999_949, 999_950, 2_500_000_000].map(size)).toEqual([
    "0 B", "999 B", "1.0 kB", "14.1 MB", "999.9 kB", "1.0 MB", "2.5 GB",
  ]);
});

it("counts", () => {
  expect(count(1, "package")).toBe("1 package");
  expect(count(0, "entry", "entries")).toBe("0 entries");
  expect(count(1_234_567, "file")).toBe("1\u2009234\u2009567 files");
});

it("durations", () => {
  expect([0.44, 9.99, 12.4, 59.7, 125].map(duration)).toEqual(["0.4 s", "10.0 s", "12 s", "1 min 0 s", "2 min 5 s"]);
});

it("shares", () => {
  expect([[1, 2], [1, 1000], [0, 5], [3, 0]].map(([a = 0, b = 0]) => share(a, b))).toEqual(["50 %", "< 1 %", "0 %", "0 %"]);
});

it("paths", () => {
  expect(fileName("/a/b/")).toBe("b");
  expect(fileName("/")).toBe("/");
  expect(folderOf("/a/b")).toBe("/a");
  expect(folderOf("/a")).toBe("/");
  expect(shortPath("/home/ada/x", "/home/ada")).toBe("~/x");
  expect(shortPath("/home/adam/x", "/home/ada")).toBe("/home/adam/x");
  expect(shortPath("/x", "")).toBe("/x");
});

it("how long ago", () => {
  const now = new Date("2026-03-12T12:00:00Z");
  const before = (minutes: number): string => ago(new Date(now.getTime() - minutes * 60_000), now);
  expect([0.2, 5, 60, 26 * 60, 5 * 24 * 60].map(before)).toEqual(["just now", "5 minutes ago", "1 hour ago", "yesterday", "5 days ago"]);
  expect(before(60 * 24 * 60)).toBe("11 January 2026");
});

it("steps", () => {
  expect(sentence("compressing numpy")).toBe("Compressing numpy");
  expect(sentence("")).toBe("");
});
