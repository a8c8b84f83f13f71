import { invoke } from "pyxidium";
import { Field } from "./field.js";

/** Published: "Making Python 100x faster with less than 100 lines of Rust", on one thread. */
const WAYS = [
  { way: "python", kind: "python", name: "Python", published: "293 ms" },
  { way: "numpy", kind: "python", name: "numpy", published: "5.2 ms" },
  { way: "kernel", kind: "ours", name: "@kernel", published: "Rust 23.4 ms" },
  { way: "ready", kind: "ours", name: "Ready-made kernel", published: "Rust 0.81 ms" },
];

const element = (id) => document.getElementById(id);
const field = new Field(element("field"), (text) => (element("point").textContent = text));
const rows = new Map(WAYS.map((way) => [way.way, row(way)]));

element("form").addEventListener("submit", (event) => {
  event.preventDefault();
  match();
});
match();

async function match() {
  busy(true);
  for (const { item, time, speed } of rows.values()) {
    item.dataset.state = "waiting";
    time.textContent = "…";
    speed.textContent = "";
  }
  say("");
  try {
    const value = (id) => element(id).valueAsNumber;
    const scene = await invoke("scene", { polygons: value("polygons"), points: value("points"), seed: value("seed") });
    field.show(scene, value("radius"));
    const answers = [];
    for (const { way } of WAYS) {
      const answer = await invoke("measure", { way, radius: value("radius") });
      answers.push(answer);
      draw(answers);
      field.found(answer.best);
    }
    judge(answers);
    element("note").textContent =
      `Medians; the kernels work on ${scene.cores === 1 ? "one core" : `${scene.cores} cores`}, and ` +
      `@kernel’s first call took ${milliseconds(answers[2].first)}. In grey on the right: figures published for ` +
      "this workload on one thread, with a first and a last version in Rust.";
  } catch (error) {
    say(error.message, true);
  }
  busy(false);
}

function draw(answers) {
  const most = answers[0].median;
  answers.forEach((answer, index) => {
    const { item, time, speed, bar } = rows.get(WAYS[index].way);
    item.dataset.state = "done";
    time.textContent = milliseconds(answer.median);
    const faster = most / answer.median;
    speed.textContent = index === 0 ? "lists, tuples, loops" : `${faster >= 10 ? Math.round(faster).toLocaleString("en") : faster.toFixed(1)} × faster`;
    bar.style.width = `${Math.min(100, (answer.median / most) * 100)}%`;
  });
}

function judge(answers) {
  const wrong = WAYS.filter((_, index) => answers[index].best.some((best, n) => best !== answers[0].best[n]));
  if (wrong.length > 0) {
    say(`Other answers than Python’s: ${wrong.map(({ name }) => name).join(", ")}.`, true);
    return;
  }
  const found = answers[0].best.filter((best) => best >= 0).length;
  say(`All four agree: ${found.toLocaleString("en")} of ${answers[0].best.length.toLocaleString("en")} found.`);
}

function row({ kind, name, published }) {
  const item = document.createElement("li");
  item.dataset.kind = kind;
  item.dataset.state = "waiting";
  const part = (tag, text, ...names) => {
    const made = document.createElement(tag);
    made.textContent = text;
    made.classList.add(...names);
    return made;
  };
  const [time, speed, bar] = [part("span", "…", "time"), part("small", ""), document.createElement("div")];
  const track = part("div", "", "bar");
  track.append(bar);
  item.append(part("strong", name), time, speed, part("small", published, "published"), track);
  element("ways").append(item);
  return { item, time, speed, bar };
}

function say(text, wrong = false) {
  element("verdict").textContent = text;
  element("verdict").classList.toggle("wrong", wrong);
}

function busy(yes) {
  for (const control of element("form").elements) control.disabled = yes;
  if (!yes && document.activeElement === document.body) element("match").focus();
}

function milliseconds(value) {
  if (value >= 100) return `${Math.round(value)} ms`;
  if (value >= 10) return `${value.toFixed(1)} ms`;
  if (value >= 1) return `${value.toFixed(2)} ms`;
  return `${value.toFixed(3)} ms`;
}
