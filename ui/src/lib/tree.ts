/** Sizes as a tree: parts of a sealed file, and below them their folders and files. */

export type PartKind = "app" | "package" | "stdlib" | "runtime" | "other";

export interface Node {
  /** Unique in its tree. */
  id: string;
  name: string;
  kind: PartKind;
  /** Bytes that it takes in the sealed file. */
  stored: number;
  /** Bytes when it is read. */
  size: number;
  /** How many files; 1 for a file. */
  files: number;
  children: Node[];
}

export interface Leaf {
  path: string;
  size: number;
  stored: number;
}

/** Folds files into folders below a node named `name`. A chain of folders with one child each is
 *  one node, and folders that nearly all files share are left out. */
export function fold(id: string, name: string, kind: PartKind, leaves: readonly Leaf[]): Node {
  const root: Node = { id, name, kind, stored: 0, size: 0, files: 0, children: [] };
  const folders = new Map<string, Node>([["", root]]);
  const seen = new Map<string, Node>();
  for (const leaf of leaves) {
    // A module's source and its bytecode are one file to the reader.
    const file = seen.get(leaf.path);
    const slash = leaf.path.lastIndexOf("/");
    const parent = folderNode(folders, root, slash < 0 ? "" : leaf.path.slice(0, slash));
    if (file) {
      file.size += leaf.size;
      file.stored += leaf.stored;
      continue;
    }
    const node: Node = {
      id: `${id}/${leaf.path}`,
      name: leaf.path.slice(slash + 1),
      kind,
      stored: leaf.stored,
      size: leaf.size,
      files: 1,
      children: [],
    };
    seen.set(leaf.path, node);
    parent.children.push(node);
  }
  sum(root);
  root.children = opened(root.children).map(joined);
  return root;
}

/** A folder that is nearly all there is says nothing: what is in it stands in its place. */
function opened(children: Node[]): Node[] {
  const [most, ...others] = children;
  const total = children.reduce((sum, child) => sum + child.stored, 0);
  if (!most || most.children.length === 0 || most.stored < total * 0.95) return children;
  return opened([...most.children, ...others].sort(bySize));
}

function bySize(a: Node, b: Node): number {
  return b.stored - a.stored || (a.name < b.name ? -1 : 1);
}

function folderNode(folders: Map<string, Node>, root: Node, path: string): Node {
  const known = folders.get(path);
  if (known) return known;
  const slash = path.lastIndexOf("/");
  const parent = folderNode(folders, root, slash < 0 ? "" : path.slice(0, slash));
  const node: Node = {
    id: `${root.id}/${path}/`,
    name: path.slice(slash + 1),
    kind: root.kind,
    stored: 0,
    size: 0,
    files: 0,
    children: [],
  };
  parent.children.push(node);
  folders.set(path, node);
  return node;
}

function sum(node: Node): void {
  if (node.children.length === 0) return;
  node.stored = node.size = node.files = 0;
  for (const child of node.children) {
    sum(child);
    node.stored += child.stored;
    node.size += child.size;
    node.files += child.files;
  }
  node.children.sort(bySize);
}

function joined(node: Node): Node {
  let { name, children } = node;
  while (children.length === 1 && children[0]!.children.length > 0) {
    name = `${name}/${children[0]!.name}`;
    children = children[0]!.children;
  }
  return { ...node, name, children: children.map(joined) };
}

/** What is too small to see or to hit becomes one node, so that a treemap stays legible. Where most
 *  of the bytes are in such crumbs, the crumbs are what there is to see. */
export function gathered(children: readonly Node[], least = 0.004): Node[] {
  const total = children.reduce((sum, child) => sum + child.stored, 0);
  const small = children.filter((child) => child.stored < total * least);
  const stored = small.reduce((sum, child) => sum + child.stored, 0);
  const first = small[0];
  if (!first || small.length < 2 || stored > total / 2) return [...children];
  const rest: Node = {
    id: `${first.id} and smaller`,
    name: `${small.length} smaller`,
    kind: first.kind,
    stored,
    size: small.reduce((sum, child) => sum + child.size, 0),
    files: small.reduce((sum, child) => sum + child.files, 0),
    children: small,
  };
  return [...children.filter((child) => !small.includes(child)), rest];
}
