/** From what Python says about parts to nodes of the treemap, and their colours. */

import type { Part } from "../client";
import { type Node, fold } from "./tree";

export interface PartNode extends Node {
  part: Part;
}

/** Largest first. */
export function nodesOf(parts: readonly Part[]): PartNode[] {
  return parts
    .map((part, i) => {
      const node = fold(`${i}:${part.name}`, part.name, part.kind, part.entries);
      // A part may take more than its listed files do (a runtime has none).
      return { ...node, part, stored: part.stored, size: part.size };
    })
    .sort((a, b) => b.stored - a.stored || (a.name < b.name ? -1 : 1));
}

/** The class that colours a part: its own for what every file has, one of eight for a package. */
export function colours(nodes: readonly PartNode[]): Map<string, string> {
  let next = 0;
  return new Map(
    nodes.map(({ name, kind }) => [name, kind === "package" ? `hue-${next++ % 8}` : `part-${kind}`]),
  );
}
