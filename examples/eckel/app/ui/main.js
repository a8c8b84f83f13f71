import { invoke } from "pyxidium";

/** His figures: 32 calls of 10,000,000 iterations, on 32 threads; where ours is @kernel in processes he had an extension written in Rust. */
const RUNGS = [
  { rung: "python", kind: "python", name: "Python", what: "one call after another", eckel: 57.44 },
  { rung: "processes", kind: "python", name: "ProcessPoolExecutor", what: "Python on all cores, with their start", eckel: 5.52 },
  { rung: "kernel-processes", kind: "kernel", name: "@kernel, process pool", what: "compiled in each process", eckel: 0.31 },
  { rung: "kernel-threads", kind: "kernel", name: "@kernel, Rust threads", what: "parallel_map, compiled once", eckel: null },
  { rung: "rust", kind: "rust", name: "Rust, by hand", what: "rayon, i128", eckel: 0.11 },
];

const element = (id) => document.getElementById(id);
const rows = new Map();
let running = null;

for (const rung of RUNGS) {
  const row = document.createElement("tr");
  row.dataset.kind = rung.kind;
  row.dataset.state = "waiting";
  row.id = rung.rung;
  const name = document.createElement("th");
  name.scope = "row";
  const what = document.createElement("small");
  what.textContent = rung.what;
  name.append(rung.name, what);
  const cell = (kind, text = "") => {
    const made = document.createElement("td");
    made.className = kind;
    made.append(text);
    return made;
  };
  const bar = document.createElement("div");
  row.append(name, cell("bar", bar), cell("here", "–"), cell("faster"), cell("eckel", rung.eckel ? `${rung.eckel.toFixed(2)} s` : "–"));
  element("ladder").tBodies[0].append(row);
  rows.set(rung.rung, { row, bar, seconds: 0, share: 0 });
}

const cores = await invoke("cores");
element("note").textContent =
  `This machine: ${cores} ${cores === 1 ? "core" : "cores"}. Each rung’s time is the whole of it: processes that start and code that is compiled are in it. ` +
  "Eckel: 32 calls of 10,000,000 iterations on a machine with 32 threads; his third rung called an extension written in Rust, his last was Rust alone.";
document.documentElement.dataset.ready = "yes";

element("form").addEventListener("submit", (event) => {
  event.preventDefault();
  climb(element("calls").valueAsNumber, element("iterations").valueAsNumber);
});
element("stop").addEventListener("click", () => running?.abort());
element("eckel").addEventListener("click", () => {
  element("calls").value = 32;
  element("iterations").value = 10_000_000;
  element("climb").focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") running?.abort();
});

async function climb(calls, iterations) {
  running = new AbortController();
  busy(true);
  for (const { row } of rows.values()) {
    row.dataset.state = "waiting";
    row.querySelector(".here").textContent = "–";
    row.querySelector(".faster").textContent = "";
  }
  for (const place of rows.values()) place.seconds = 0;
  draw();
  say(`${calls.toLocaleString("en")} × ${iterations.toLocaleString("en")} iterations …`);
  try {
    const sums = [];
    for (const { rung } of RUNGS) sums.push(await one(rung, calls, iterations, running.signal));
    judge(sums);
  } catch (error) {
    say(running.signal.aborted ? "Stopped." : error.message, !running.signal.aborted);
    for (const { row } of rows.values()) {
      if (row.dataset.state === "running") row.dataset.state = "waiting";
    }
  }
  busy(false);
}

async function one(rung, calls, iterations, signal) {
  const place = rows.get(rung);
  place.row.dataset.state = "running";
  const started = performance.now();
  const tick = setInterval(() => {
    place.seconds = (performance.now() - started) / 1000;
    place.row.querySelector(".here").textContent = seconds(place.seconds);
    draw();
  }, 100);
  const onProgress = ({ fraction }) => {
    place.row.querySelector(".faster").textContent = fraction ? `${Math.round(fraction * 100)} %` : "";
  };
  try {
    const found = await invoke("climb", { rung, calls, iterations }, { signal, onProgress });
    place.seconds = found.seconds;
    place.row.dataset.state = "done";
    place.row.querySelector(".here").textContent = seconds(found.seconds);
    const faster = rows.get("python").seconds / found.seconds;
    place.row.querySelector(".faster").textContent = rung === "python" ? "1 ×" : times(faster);
    return found.sums;
  } finally {
    clearInterval(tick);
    draw();
  }
}

/** Bars share one scale: the longest is as wide as there is room. */
function draw() {
  const most = Math.max(...[...rows.values()].map((place) => place.seconds), 0.001);
  for (const { bar, seconds: own } of rows.values()) bar.style.width = `${(own / most) * 100}%`;
}

function judge(sums) {
  const wrong = RUNGS.filter((_, index) => sums[index].some((sum, n) => !Object.is(sum, sums[0][n])));
  if (wrong.length > 0) {
    say(`Other answers than Python’s: ${wrong.map(({ name }) => name).join(", ")}.`, true);
  } else {
    say(`All five agree, to the last bit: for n = 0 the sum is ${exponent(sums[0][0])}.`);
  }
}

function say(text, wrong = false) {
  element("verdict").textContent = text;
  element("verdict").classList.toggle("wrong", wrong);
}

function busy(yes) {
  for (const id of ["climb", "eckel", "calls", "iterations"]) element(id).disabled = yes;
  element("stop").disabled = !yes;
  element(yes ? "stop" : "climb").focus();
}

/** As Python writes floats: all digits that there are. */
function exponent(sum) {
  return sum < 1e16 ? String(sum) : sum.toExponential();
}

function seconds(value) {
  if (value >= 10) return `${value.toFixed(1)} s`;
  if (value >= 0.095) return `${value.toFixed(2)} s`;
  return `${(value * 1000).toFixed(1)} ms`;
}

function times(value) {
  return `${value >= 10 ? Math.round(value).toLocaleString("en") : value.toFixed(1)} ×`;
}
