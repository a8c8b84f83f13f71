import { expect, it } from "vitest";

import { fold, gathered } from "./tree";

const leaf = (path: string, stored = 10): { path: string; size: number; stored: number } => ({ path, size: stored * 2, stored });

it("folds files into folders and adds them up", () => {
  const tree = fold("0", "numpy", "package", [leaf("numpy/a.py", 5), leaf("numpy/core/b.py", 30), leaf("numpy/core/c.py", 20), leaf("numpy/d.py", 7)]);
  expect(tree).toMatchObject({ stored: 62, size: 124, files: 4 });
  // `numpy/` is all of it, and so says nothing.
  expect(tree.children.map(({ name, stored }) => [name, stored])).toEqual([["core", 50], ["d.py", 7], ["a.py", 5]]);
});

it("makes one node of a chain of folders", () => {
  const tree = fold("0", "x", "package", [leaf("x/a/b/c/one.py"), leaf("x/a/b/c/two.py"), leaf("x/top.py")]);
  expect(tree.children.map(({ name }) => name)).toEqual(["a/b/c", "top.py"]);
});

it("takes a module and its bytecode for one file", () => {
  const tree = fold("0", "app", "app", [leaf("app/a.py", 1), leaf("app/a.py", 2), leaf("app/b.py", 9)]);
  expect(tree.children.map(({ name, stored, files }) => [name, stored, files])).toEqual([["b.py", 9, 1], ["a.py", 3, 1]]);
});

it("has unique ids, also for a file and a folder of one name", () => {
  const tree = fold("0", "x", "package", [leaf("x/a"), leaf("x/a/b"), leaf("x/c")]);
  const ids = tree.children.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

it("gathers what is too small to see", () => {
  const { children } = fold("0", "x", "package", [leaf("x/big", 10_000), leaf("x/s1", 2), leaf("x/s2", 3), leaf("x/mid", 900)]);
  const shown = gathered(children);
  expect(shown.map(({ name }) => name)).toEqual(["big", "mid", "2 smaller"]);
  expect(shown[2]).toMatchObject({ stored: 5, files: 2 });
});

it("leaves one small thing alone, and many equal ones", () => {
  const one = fold("0", "x", "package", [leaf("x/big", 10_000), leaf("x/s1", 2)]).children;
  expect(gathered(one)).toEqual(one);
});

it("shows files one by one when all are equally small", () => {
  const many = fold("0", "x", "package", Array.from({ length: 400 }, (_, i) => leaf(`x/f${i}`, 5))).children;
  expect(gathered(many)).toHaveLength(400);
});

it("opens a folder that is nearly everything", () => {
  const leaves = [leaf("lib/numpy/core/a.so", 600), leaf("lib/numpy/fft/b.so", 380), leaf("lib/numpy.dist-info/RECORD", 20)];
  const tree = fold("0", "numpy", "package", leaves);
  expect(tree.children.map(({ name }) => name)).toEqual(["core", "fft", "numpy.dist-info"]);
});
