/** A flame graph: calls as boxes below their callers, as wide as the time that they took. */

import type { Profile, ProfileFunction } from "../client";

/** A function as it was called by those above it. */
export interface Call {
  id: number;
  /** Its index among the profile's functions. */
  index: number;
  function: ProfileFunction;
  parent: Call | null;
  children: Call[];
  /** Seconds of its own lines. */
  self: number;
  /** Seconds with everything that it called. */
  total: number;
  depth: number;
}

/** A call with its place; `x` and `width` are shares of the whole width. */
export interface Box {
  call: Call;
  row: number;
  x: number;
  width: number;
  /** Above the call that fills the graph. */
  above: boolean;
}

/** What is counted: threads that worked, or those that waited, too. */
export type Counted = "busy" | "all";

/** The calls at the root, each with the calls below it; the widest first. */
export function calls(profile: Profile, counted: Counted): Call[] {
  const all: Call[] = [];
  const roots: Call[] = [];
  for (const [id, node] of profile.nodes.entries()) {
    const parent = node.parent === null ? null : (all[node.parent] ?? null);
    const own = node.self + (counted === "all" ? node.waiting : 0);
    const call: Call = {
      id,
      index: node.function,
      function: profile.functions[node.function]!,
      parent,
      children: [],
      self: own,
      total: own,
      depth: parent ? parent.depth + 1 : 0,
    };
    all.push(call);
    (parent ? parent.children : roots).push(call);
  }
  // A parent stands before its children: from the end, sums flow upwards.
  for (const call of all.toReversed()) {
    if (call.parent) call.parent.total += call.total;
  }
  const tidy = (list: Call[]): Call[] => list.filter(({ total }) => total > 0).sort((a, b) => b.total - a.total);
  for (const call of all) call.children = tidy(call.children);
  return tidy(roots);
}

/** Boxes of the calls below `focus` (null: everything), and of those above it over the whole width.
 *  Calls narrower than `least` have none. */
export function layout(roots: readonly Call[], focus: Call | null, least: number): Box[] {
  const boxes: Box[] = [];
  const above: Call[] = [];
  for (let call = focus?.parent ?? null; call; call = call.parent) above.unshift(call);
  for (const [row, call] of above.entries()) boxes.push({ call, row, x: 0, width: 1, above: true });

  const shown = focus ? [focus] : roots;
  const whole = shown.reduce((sum, { total }) => sum + total, 0);
  if (whole <= 0) return boxes;
  const place = (list: readonly Call[], start: number, row: number): void => {
    let x = start;
    for (const call of list) {
      const width = call.total / whole;
      // The widest come first: what follows is narrower still.
      if (width < least) break;
      boxes.push({ call, row, x, width, above: false });
      place(call.children, x, row + 1);
      x += width;
    }
  };
  place(shown, 0, above.length);
  return boxes;
}

export type Step = "up" | "down" | "left" | "right";

/** The box that an arrow key leads to, by index. */
export function step(boxes: readonly Box[], from: number, direction: Step): number {
  const box = boxes[from];
  if (!box) return 0;
  const index = (found: Box | undefined): number => (found ? boxes.indexOf(found) : from);
  if (direction === "up") return index(boxes.find(({ call }) => call === box.call.parent));
  if (direction === "down") return index(boxes.find(({ call }) => call.parent === box.call));
  const row = boxes.filter((other) => other.row === box.row).sort((a, b) => a.x - b.x);
  return index(row[row.indexOf(box) + (direction === "left" ? -1 : 1)]);
}

/** Whether a function is what somebody types. */
export function fits({ name, place }: ProfileFunction, typed: string): boolean {
  const text = `${name} ${place}`.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** The share of the time in functions that fit, each stack counted once. */
export function found(roots: readonly Call[], typed: string): number {
  const whole = roots.reduce((sum, { total }) => sum + total, 0);
  const sum = (list: readonly Call[]): number =>
    list.reduce((all, call) => all + (fits(call.function, typed) ? call.total : sum(call.children)), 0);
  return whole > 0 ? sum(roots) / whole : 0;
}

/** The class that colours each function: the author's own stand out, packages have a colour each. */
export function colours(functions: readonly ProfileFunction[]): string[] {
  const packages = [...new Set(functions.flatMap(({ kind, package: name }) => (kind === "package" ? [name] : [])))];
  return functions.map(({ kind, package: name }) =>
    kind === "package" ? `hue-${packages.indexOf(name) % 8}` : `part-${kind}`,
  );
}
