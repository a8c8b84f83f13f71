/** Made-up projects and files, for tests and for `npm run dev`. Nothing of it is shipped. */

import type { Analysis, Entry, Inspection, Part, PartKind, Project, Start } from "../src/client";

/** Files of a part: `shape` gives folders their share. */
function entries(folder: string, total: number, files: number): Entry[] {
  return Array.from({ length: files }, (_, i) => {
    const share = (2 * (files - i)) / (files * (files + 1));
    const stored = Math.round(total * share);
    return { path: `${folder}/${["core", "lib", "tests", "linalg"][i % 4]}/file${i}.py`, size: stored * 3, stored };
  });
}

export function part(name: string, kind: PartKind, stored: number, files = 12, more: Partial<Part> = {}): Part {
  return {
    name,
    kind,
    version: kind === "package" ? "2.3.1" : null,
    license: kind === "package" ? "BSD-3-Clause" : null,
    size: stored * 3,
    stored,
    entries: entries(`lib/${name}`, stored, files),
    ...more,
  };
}

export const start: Start = {
  version: "0.1.0",
  home: "/home/ada",
  settings: {
    theme: "system",
    output_folder: null,
    offline: false,
    upgrade: false,
    index_url: "",
    native_libraries: "memory",
  },
  recent: [
    { path: "/home/ada/work/words", name: "words", kind: "project", opened: "2026-03-12T10:00:00Z" },
    { path: "/home/ada/work/plots/plot.py", name: "plot", kind: "project", opened: "2026-03-11T10:00:00Z" },
    { path: "/home/ada/dist/ledger", name: "ledger", kind: "sealed", opened: "2026-02-01T10:00:00Z" },
  ],
  open: null,
};

export const project: Project = {
  path: "/home/ada/work/words",
  name: "words",
  version: "1.4.0",
  runs: "app.py",
  output: "/home/ada/work/words/dist/words",
  python: "3.13.5",
  files: [
    { path: "app.py", size: 4200 },
    { path: "ui/index.html", size: 1800 },
    { path: "ui/app.js", size: 5400 },
  ],
  requirements: [{ text: "numpy>=2", file: "pyproject.toml", line: 7 }],
  notes: [],
  warnings: [],
};

export const parts: Part[] = [
  part("Your code", "app", 14_000, 3),
  part("numpy", "package", 8_900_000, 60),
  part("pandas", "package", 7_100_000, 80, { version: "2.3.3" }),
  part("python-dateutil", "package", 310_000, 20, { license: "Apache-2.0 OR BSD-3-Clause" }),
  part("pytz", "package", 180_000, 30, { license: "MIT" }),
  part("six", "package", 12_000, 2, { license: null }),
  part("Standard library", "stdlib", 5_400_000, 120),
  part("Runtime", "runtime", 4_800_000, 0),
  part("Index and manifest", "other", 62_000, 0),
];

export const analysis: Analysis = {
  total: parts.reduce((sum, { stored }) => sum + stored, 0),
  parts,
  window: { title: "Words", ui: "app/ui", width: 900, height: 600, capabilities: ["dialog"], origins: [] },
  attention: [
    { level: "warning", message: "six names no licence", hint: "look at its source before you give the file to others" },
    { level: "note", message: "numpy needs glibc 2.27 or newer on the machine that runs it", hint: null },
  ],
};

export const inspection: Inspection = {
  path: "/home/ada/work/words/dist/words",
  name: "words",
  version: "1.4.0",
  runs: "app/app.py",
  python: "3.13.5",
  pyxidium: "0.1.0",
  target: "x86_64-unknown-linux-gnu",
  format: 2,
  hash: "9f2c4be0d7a1443b8e5500ab17c3d9e29f2c4be0d7a1443b8e5500ab17c3d9e2",
  size: analysis.total,
  payload_size: analysis.total - 4_800_000,
  modules: 1204,
  window: analysis.window,
  parts,
  libraries: [
    { path: "lib/numpy/core/_multiarray.so", size: 9_000_000, stored: 3_100_000, needs: ["lib/numpy.libs/libopenblas.so"] },
    { path: "lib/numpy.libs/libopenblas.so", size: 24_000_000, stored: 4_200_000, needs: [] },
  ],
};
