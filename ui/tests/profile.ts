/** A made-up profile, for tests and for `npm run dev`. */

import type { CodeKind, Gain, Profile, ProfileFunction, ProfileLine } from "../src/client";

const SOURCE = `def distance(points, i, j):
    dx = points[i][0] - points[j][0]
    dy = points[i][1] - points[j][1]
    return sqrt(dx * dx + dy * dy)`.split("\n");

const line = (number: number, text: string, own: number, total = own): ProfileLine => ({ line: number, text, self: own, total, waiting: 0 });

function one(name: string, place: string, number: number, kind: CodeKind, own: number, total: number, more: Partial<ProfileFunction> = {}): ProfileFunction {
  return {
    name,
    file: `/home/ada/work/words/${place}`,
    place,
    line: number,
    kind,
    package: kind === "package" ? place.split("/")[0]! : null,
    self: own,
    total,
    waiting: 0,
    lines: [],
    kernel: null,
    ...more,
  };
}

export const profile: Profile = {
  format: "pyxidium-profile",
  version: 1,
  app: "words",
  seconds: 9.1,
  processor_seconds: 7.9,
  profiler_seconds: 0.1,
  torn: 0,
  rate: 968,
  samples: 8731,
  processes: 1,
  busy: 8,
  waiting: 1,
  exit: 0,
  functions: [
    one("distance", "app.py", 12, "app", 5, 5, {
      kernel: { fits: true, problems: [] },
      lines: SOURCE.map((text, i) => line(12 + i, text, [0, 1.6, 1.5, 1.9][i]!)),
    }),
    one("report", "app.py", 31, "app", 1.2, 2, {
      kernel: {
        fits: false,
        problems: [
          {
            line: 33,
            expression: "f\"{name}: {value}\"",
            message: "text is not for kernels",
            hint: "let the kernel give numbers, and make the text of them outside",
          },
        ],
      },
      lines: [line(31, "def report(values):", 0), line(32, "    for name, value in values.items():", 0.2, 0.2), line(33, "        lines.append(f\"{name}: {value}\")", 1, 1), line(34, "    return json.dumps(lines)", 0, 0.8)],
    }),
    one("simulate", "app.py", 20, "app", 0.5, 5.5, {
      kernel: { fits: false, problems: [{ line: 22, expression: "{}", message: "a dict is not for kernels", hint: "" }] },
      lines: [line(20, "def simulate(points):", 0), line(22, "    nearest = {}", 0.1), line(24, "            d = distance(points, i, j)", 0.4, 5.4)],
    }),
    one("JSONEncoder.iterencode", "json/encoder.py", 205, "stdlib", 0.8, 0.8),
    one("array2string", "numpy/_core/arrayprint.py", 680, "package", 0.4, 0.4),
    one("main", "app.py", 40, "app", 0.1, 8),
    one("<module>", "app.py", 1, "app", 0, 8),
    one("sleepy", "app.py", 60, "app", 0, 0, { waiting: 1 }),
  ],
  nodes: [
    { function: 6, parent: null, self: 0, waiting: 0 },
    { function: 5, parent: 0, self: 0.1, waiting: 0 },
    { function: 1, parent: 1, self: 1.2, waiting: 0 },
    { function: 3, parent: 2, self: 0.8, waiting: 0 },
    { function: 2, parent: 1, self: 0.5, waiting: 0 },
    { function: 0, parent: 4, self: 5, waiting: 0 },
    { function: 4, parent: 1, self: 0.4, waiting: 0 },
    { function: 7, parent: 0, self: 0, waiting: 1 },
  ],
};

export const gain: Gain = {
  name: "distance",
  calls: ["distance(float64[1000 x 2], 3, 4)", "distance(float64[1000 x 2], 3, 5)"],
  python: 0.48,
  kernel: 0.0062,
  first: 0.0113,
  factor: 77.4,
  equal: true,
  difference: null,
};
