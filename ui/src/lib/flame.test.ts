import { describe, expect, it } from "vitest";

import { profile } from "../../tests/profile";
import { type Box, calls, colours, fits, found, layout, step } from "./flame";

const roots = calls(profile, "busy");
const names = (boxes: readonly Box[]): string[] => boxes.map(({ call }) => call.function.name);
const named = (name: string): Box => layout(roots, null, 0).find(({ call }) => call.function.name === name)!;

describe("calls", () => {
  it("are a tree whose sums are those of the profile", () => {
    expect(roots.map(({ function: f }) => f.name)).toEqual(["<module>"]);
    expect(roots[0]!.total).toBeCloseTo(profile.busy);
    expect(named("simulate").call.total).toBeCloseTo(5.5);
    expect(named("simulate").call.self).toBeCloseTo(0.5);
  });

  it("count waiting only where it is asked for", () => {
    expect(calls(profile, "all")[0]!.total).toBeCloseTo(profile.busy + profile.waiting);
    expect(names(layout(roots, null, 0))).not.toContain("sleepy");
    expect(names(layout(calls(profile, "all"), null, 0))).toContain("sleepy");
  });

  it("stand with the widest first", () => {
    const main = named("main").call;
    const totals = main.children.map(({ total }) => total);
    expect(totals).toEqual(totals.toSorted((a, b) => b - a));
  });
});

describe("layout", () => {
  it("puts every call below its caller, inside of it", () => {
    const boxes = layout(roots, null, 0);
    for (const box of boxes) {
      const parent = boxes.find(({ call }) => call === box.call.parent);
      if (!parent) continue;
      expect(box.row).toBe(parent.row + 1);
      expect(box.x).toBeGreaterThanOrEqual(parent.x);
      expect(box.x + box.width).toBeLessThanOrEqual(parent.x + parent.width + 1e-9);
    }
  });

  it("never lets boxes of a row overlap", () => {
    const boxes = layout(roots, null, 0);
    for (const row of new Set(boxes.map((box) => box.row))) {
      const line = boxes.filter((box) => box.row === row).sort((a, b) => a.x - b.x);
      for (const [i, box] of line.slice(1).entries()) expect(box.x).toBeGreaterThanOrEqual(line[i]!.x + line[i]!.width - 1e-9);
    }
  });

  it("gives a zoomed call the whole width, and its callers above it", () => {
    const focus = named("simulate").call;
    const boxes = layout(roots, focus, 0);
    expect(names(boxes.filter(({ above }) => above))).toEqual(["<module>", "main"]);
    const box = boxes.find(({ call }) => call === focus)!;
    expect([box.x, box.width, box.row]).toEqual([0, 1, 2]);
    expect(names(boxes)).not.toContain("report");
  });

  it("leaves out what nobody could see", () => {
    expect(layout(roots, null, 0.3).every(({ width }) => width >= 0.3)).toBe(true);
    expect(layout([], null, 0)).toEqual([]);
  });
});

describe("step", () => {
  const boxes = layout(roots, null, 0);
  const at = (name: string): number => names(boxes).indexOf(name);
  it("goes to callers and to what was called", () => {
    expect(step(boxes, at("simulate"), "up")).toBe(at("main"));
    expect(step(boxes, at("main"), "down")).toBe(at("simulate"));
    expect(step(boxes, at("<module>"), "up")).toBe(at("<module>"));
  });
  it("goes along a row, and no further", () => {
    expect(step(boxes, at("simulate"), "right")).toBe(at("report"));
    expect(step(boxes, at("report"), "left")).toBe(at("simulate"));
    expect(step(boxes, at("simulate"), "left")).toBe(at("simulate"));
  });
  it("begins somewhere when the boxes are others than before", () => {
    expect(step(boxes, 999, "left")).toBe(0);
  });
});

describe("search", () => {
  it("finds words in any order, by name and by file", () => {
    const function_ = named("distance").call.function;
    expect(fits(function_, "app DIST")).toBe(true);
    expect(fits(function_, "numpy dist")).toBe(false);
  });
  it("counts nested calls once", () => {
    expect(found(roots, "main")).toBeCloseTo(1);
    expect(found(roots, "simulate")).toBeCloseTo(5.5 / profile.busy);
    expect(found(roots, "nothing")).toBe(0);
  });
});

it("colours own code, the library, and each package", () => {
  expect(new Set(colours(profile.functions))).toEqual(new Set(["part-app", "part-stdlib", "hue-0"]));
});
