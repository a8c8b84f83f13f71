import { describe, expect, it } from "vitest";

import { type Rect, neighbour, squarify } from "./treemap";

const area = { x: 0, y: 0, width: 600, height: 400 };
const size = (n: number): number => n;
const overlap = (a: Rect, b: Rect): boolean =>
  a.x + a.width > b.x + 1e-6 &&
  b.x + b.width > a.x + 1e-6 &&
  a.y + a.height > b.y + 1e-6 &&
  b.y + b.height > a.y + 1e-6;

describe("squarify", () => {
  it("gives the example of the paper its first column", () => {
    const tiles = squarify([6, 6, 4, 3, 2, 2, 1], size, { x: 0, y: 0, width: 6, height: 4 });
    expect(tiles[0]).toMatchObject({ item: 6, x: 0, y: 0, width: 3, height: 2 });
    expect(tiles[1]).toMatchObject({ item: 6, x: 0, y: 2, width: 3, height: 2 });
  });

  it("keeps areas in proportion, inside, and apart", () => {
    const sizes = [900, 700, 540, 480, 31, 18, 6, 1.4, 1.2];
    const total = sizes.reduce((a, b) => a + b);
    const tiles = squarify(sizes, size, area);
    expect(tiles).toHaveLength(sizes.length);
    for (const tile of tiles) {
      expect(tile.width * tile.height).toBeCloseTo((600 * 400 * tile.item) / total, 6);
      expect(tile.x).toBeGreaterThanOrEqual(0);
      expect(tile.x + tile.width).toBeLessThanOrEqual(600 + 1e-6);
      expect(tile.y + tile.height).toBeLessThanOrEqual(400 + 1e-6);
    }
    for (const a of tiles) for (const b of tiles) if (a !== b) expect(overlap(a, b)).toBe(false);
  });

  it("leaves out what has no size, and copes with no room", () => {
    expect(squarify([0, 5, 0], size, area)).toHaveLength(1);
    expect(squarify([], size, area)).toEqual([]);
    expect(squarify([0], size, area)).toEqual([]);
    expect(squarify([3], size, { ...area, width: 0 })).toEqual([]);
  });
});

describe("neighbour", () => {
  const tiles = [
    { x: 0, y: 0, width: 100, height: 100 },
    { x: 100, y: 0, width: 100, height: 50 },
    { x: 100, y: 50, width: 100, height: 50 },
    { x: 200, y: 0, width: 50, height: 100 },
  ];

  it("goes where the arrow points", () => {
    expect(neighbour(tiles, 1, "down")).toBe(2);
    expect(neighbour(tiles, 2, "up")).toBe(1);
    expect(neighbour(tiles, 2, "left")).toBe(0);
    expect(neighbour(tiles, 1, "right")).toBe(3);
  });

  it("takes the nearest, not the farthest", () => {
    expect([1, 2]).toContain(neighbour(tiles, 0, "right"));
  });

  it("stays at the edge", () => {
    expect(neighbour(tiles, 0, "left")).toBe(0);
    expect(neighbour(tiles, 3, "right")).toBe(3);
  });
});
