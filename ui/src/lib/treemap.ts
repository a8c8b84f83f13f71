/** Squarified treemap: areas in proportion to sizes, shapes as near to squares as they can be.
 *  After Bruls, Huizing and van Wijk, "Squarified Treemaps" (2000). */

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Tile<T> extends Rect {
  item: T;
}

/** Lays `items` out in `area`, largest first. Items without a size get no tile. */
export function squarify<T>(
  items: readonly T[],
  sizeOf: (item: T) => number,
  area: Rect,
): Tile<T>[] {
  const sized = items
    .map((item) => ({ item, size: sizeOf(item) }))
    .filter(({ size }) => size > 0)
    .sort((a, b) => b.size - a.size);
  const total = sized.reduce((sum, { size }) => sum + size, 0);
  if (total === 0 || area.width <= 0 || area.height <= 0) return [];

  const scale = (area.width * area.height) / total;
  const tiles: Tile<T>[] = [];
  let free = { ...area };
  let start = 0;
  while (start < sized.length) {
    const side = Math.min(free.width, free.height);
    let end = start + 1;
    let sum = sized[start]!.size * scale;
    let worst = ratio(sum, sum, sum, side);
    // A row grows as long as its worst shape gets better.
    while (end < sized.length) {
      const next = sized[end]!.size * scale;
      const worse = ratio(sum + next, sized[start]!.size * scale, next, side);
      if (worse > worst) break;
      worst = worse;
      sum += next;
      end += 1;
    }
    free = place(sized.slice(start, end), sum, scale, free, tiles);
    start = end;
  }
  return tiles;
}

/** The worst aspect ratio of a row with this sum, its largest and its smallest area. */
function ratio(sum: number, largest: number, smallest: number, side: number): number {
  const square = side * side;
  return Math.max((square * largest) / (sum * sum), (sum * sum) / (square * smallest));
}

/** Puts a row along the shorter side of `free` and returns what is left. */
function place<T>(
  row: readonly { item: T; size: number }[],
  sum: number,
  scale: number,
  free: Rect,
  tiles: Tile<T>[],
): Rect {
  const upright = free.width >= free.height;
  const thickness = sum / (upright ? free.height : free.width);
  let at = upright ? free.y : free.x;
  for (const { item, size } of row) {
    const length = (size * scale) / thickness;
    tiles.push(
      upright
        ? { item, x: free.x, y: at, width: thickness, height: length }
        : { item, x: at, y: free.y, width: length, height: thickness },
    );
    at += length;
  }
  return upright
    ? { ...free, x: free.x + thickness, width: Math.max(0, free.width - thickness) }
    : { ...free, y: free.y + thickness, height: Math.max(0, free.height - thickness) };
}

export type Direction = "left" | "right" | "up" | "down";

/** The tile that an arrow key leads to: the nearest one on that side, straight ahead if possible. */
export function neighbour(tiles: readonly Rect[], from: number, direction: Direction): number {
  const here = tiles[from];
  if (!here) return from;
  let best = from;
  let least = Infinity;
  tiles.forEach((tile, index) => {
    if (index === from) return;
    const { ahead, aside } = offset(here, tile, direction);
    if (ahead < -0.5) return;
    const cost = ahead + 3 * aside;
    if (cost < least - 1e-9) [best, least] = [index, cost];
  });
  return best;
}

/** How far `to` lies beyond the edge of `from` in a direction, and how far beside its middle. */
function offset(from: Rect, to: Rect, direction: Direction): { ahead: number; aside: number } {
  const gap = (low: number, high: number, middle: number): number =>
    middle < low ? low - middle : middle > high ? middle - high : 0;
  const beside = gap(to.y, to.y + to.height, from.y + from.height / 2);
  const above = gap(to.x, to.x + to.width, from.x + from.width / 2);
  switch (direction) {
    case "left":
      return { ahead: from.x - (to.x + to.width), aside: beside };
    case "right":
      return { ahead: to.x - (from.x + from.width), aside: beside };
    case "up":
      return { ahead: from.y - (to.y + to.height), aside: above };
    case "down":
      return { ahead: to.y - (from.y + from.height), aside: above };
  }
}
