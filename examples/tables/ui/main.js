import { invoke, listen } from "pyxidium";
import { Grid } from "./grid.js";
import { Plot, figure } from "./plot.js";

const element = (id) => document.getElementById(id);
const parsed = (bytes) => JSON.parse(new TextDecoder().decode(bytes));
const count = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
const TYPING = 250;
const HOWS = ["mean", "sum", "median", "min", "max", "distinct", "count"];

/** @type {import("./commands.d.ts").Shown | null} the file as it is */
let table = null;
/** @type {import("./commands.d.ts").Shown | null} the rows that are seen */
let shown = null;
/** @type {import("./commands.d.ts").QueryInput} */
let query = {};
let running = null;
let typing = 0;

const grid = new Grid(element("sheet"), {
  sort(name) {
    const again = query.sort === name;
    query = again && query.descending ? { ...query, sort: null, descending: false } : { ...query, sort: name, descending: again };
    void look();
  },
  filter(name, text) {
    query = { ...query, filters: { ...query.filters, [name]: text } };
    clearTimeout(typing);
    typing = setTimeout(look, TYPING);
  },
});
const plot = new Plot(element("canvas"), (text, wrong = false) => {
  element("figure").textContent = text;
  element("figure").classList.toggle("wrong", wrong);
});

// -- A file -----------------------------------------------------------------------------------------

async function open(path) {
  const name = path.split(/[\\/]/).at(-1);
  const done = await task(`Opening ${name}`, async (options) => {
    const { columns, rows } = parsed(await invoke("peek", { path }, options));
    table = null;
    element("name").textContent = name;
    element("facts").textContent = "";
    element("welcome").hidden = true;
    element("sheet").hidden = false;
    query = { filters: Object.fromEntries(columns.map(({ name }) => [name, ""])), sort: null, descending: false, group: [], measures: [] };
    // The first rows, while the others are read.
    head(columns, rows);
    grid.show(rows[0]?.length ?? 0, () => Promise.reject(), rows);
    element("sheet").focus();
    const loaded = await invoke("load", { path }, options);
    table = loaded;
    element("facts").textContent = `${count(loaded.rows, "row")}, ${count(columns.length, "column")}`;
    fill();
    for (const button of document.querySelectorAll(".needs")) button.disabled = false;
    await show(loaded, `read in ${time(loaded.milliseconds)}`);
  });
  if (!done && !table) forget();
}

/** Back to the beginning: nothing is open. */
function forget() {
  element("sheet").hidden = true;
  element("welcome").hidden = false;
  element("name").textContent = "";
  panel(null);
  for (const button of document.querySelectorAll(".needs")) button.disabled = true;
}

async function choose() {
  const path = await invoke("choose");
  if (path) await open(path);
}

// -- What is shown of it ----------------------------------------------------------------------------

/** Filters, groups and sorts as the page says now. */
async function look() {
  clearTimeout(typing);
  if (!table) return;
  await task("Looking", async (options) => {
    const view = await invoke("view", { query }, options);
    grid.wrong(null);
    const part = view.rows < table.rows && !query.group.length;
    await show(view, `in ${time(view.milliseconds)}`, part ? ` of ${table.rows.toLocaleString("en")}` : "");
  });
}

async function show(view, took, of = "") {
  const same = shown && names(shown) === names(view) && shown.columns.length === view.columns.length;
  shown = view;
  const fetch = async (start, rows) => parsed(await invoke("rows", { number: view.number, start, count: rows }));
  const sample = view.rows ? await fetch(0, 256) : [];
  if (!same || !table) head(view.columns, sample);
  grid.show(view.rows, fetch, view.rows ? sample : null);
  grid.sorted(query.sort, query.descending);
  const what = query.group.length ? count(view.rows, "group") : `${view.rows.toLocaleString("en")}${of} ${view.rows === 1 && !of ? "row" : "rows"}`;
  const where = Object.entries(query.filters ?? {}).filter(([, text]) => text.trim());
  say([view.rows ? what : "No row is like that", ...where.map(([name, text]) => `${name} ${text}`), took].join("  ·  "));
  if (!same) axes();
  // What is said above is all; the plot comes when it comes.
  if (!element("plot").hidden) void draw();
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}

function names({ columns }) {
  return columns.map(({ name }) => name).join("\0");
}

/** Names and filters: of groups, only what they are made by can be filtered. */
function head(columns, sample) {
  const usable = query.group.length ? query.group : columns.map(({ name }) => name);
  grid.columns(columns, Object.fromEntries(usable.map((name) => [name, query.filters[name]])), sample);
}

// -- Groups -----------------------------------------------------------------------------------------

function fill() {
  options(element("by"), table.columns, "no groups");
  options(element("by-too"), table.columns, "nothing else");
  element("measures").replaceChildren();
  measure("count");
}

function measure(how = "mean") {
  const numbers = table.columns.filter(({ kind }) => kind === "number");
  const row = document.createElement("li");
  const [hows, columns, remove] = ["select", "select", "button"].map((tag) => document.createElement(tag));
  hows.ariaLabel = "Figure";
  columns.ariaLabel = "of the column";
  hows.append(...HOWS.map((name) => new Option(name, name, name === how, name === how)));
  options(columns, table.columns, null);
  if (numbers.length) columns.value = numbers.at(-1).name;
  remove.type = "button";
  remove.textContent = "×";
  remove.ariaLabel = "Remove this figure";
  const fits = () => (columns.style.visibility = hows.value === "count" ? "hidden" : "");
  hows.addEventListener("change", fits);
  remove.addEventListener("click", () => {
    row.remove();
    grouped();
  });
  fits();
  row.append(hows, columns, remove);
  element("measures").append(row);
}

function grouped() {
  const group = [...new Set([element("by").value, element("by-too").value].filter(Boolean))];
  const measures = new Map();
  for (const row of element("measures").children) {
    const [how, column] = [...row.querySelectorAll("select")].map(({ value }) => value);
    const numeric = table.columns.find(({ name }) => name === column)?.kind === "number";
    // A text has no mean; it has all the others.
    const fits = numeric || !["mean", "sum", "median"].includes(how);
    if (fits) measures.set(`${how} ${how === "count" ? "" : column}`, { how, column });
  }
  query = { ...query, group, measures: [...measures.values()], sort: null, descending: false };
  void look();
}

// -- The plot ---------------------------------------------------------------------------------------

/** Columns that the plot can be of, and what suits them. */
function axes() {
  const [x, y] = [element("x").value, element("y").value];
  const numbers = shown.columns.filter(({ kind }) => kind === "number");
  options(element("x"), shown.columns, null);
  options(element("y"), numbers, "count of rows");
  const has = (name) => shown.columns.some((column) => column.name === name);
  if (query.group.length) {
    element("what").value = shown.columns[0].kind === "text" || shown.columns[0].kind === "bool" ? "bars" : "line";
    element("x").value = shown.columns[0].name;
    element("y").value = numbers.find(({ name }) => !query.group.includes(name))?.name ?? "";
  } else {
    element("x").value = has(x) ? x : (numbers.at(-1) ?? shown.columns[0]).name;
    element("y").value = has(y) ? y : "";
    if (!has(x)) element("what").value = numbers.length ? "histogram" : "bars";
  }
}

async function draw() {
  const what = element("what").value;
  if (what === "line" && !element("y").value) element("y").value = element("y").options[1]?.value ?? "";
  const [x, y, bins] = [element("x").value, element("y").value, element("bins").valueAsNumber];
  element("y").disabled = what === "histogram";
  element("y-label").textContent = query.group.length === 1 ? "Figure" : "Mean of";
  element("bins").disabled = what === "bars";
  if (!element("bins").checkValidity()) return;
  const number = shown.number;
  try {
    const data = parsed(await invoke("plot", { number, what, x, y: y && what !== "histogram" ? y : null, bins }));
    if (number !== shown.number) return;
    // A group has one figure; rows have many.
    const of = !y || what === "histogram" ? " rows" : query.group.length === 1 ? `, ${y}` : `, mean of ${y}`;
    const more = data.more ? `The ${data.values.length} largest of ${figure(data.values.length + data.more)}.` : "";
    const all = of === " rows" ? `${figure(data.values.reduce((sum, value) => sum + value, 0))} rows` : capital(of.slice(2));
    plot.show({ ...data, what, of, summary: `${all}, by ${x}. ${more}` });
    element("canvas").ariaLabel = `${what} of ${x}`;
  } catch (error) {
    if (error.code === "gone") return;
    plot.show(null);
    element("figure").textContent = error.message;
    element("figure").classList.add("wrong");
  }
}

// -- All the rest -----------------------------------------------------------------------------------

async function save() {
  await task("Exporting", async (options) => {
    const path = await invoke("export", { number: shown.number }, options);
    if (path) say(`${count(shown.rows, query.group.length ? "group" : "row")} written to ${path}`);
  });
}

/** One thing at a time, with progress: a new one takes the place of the last. Whether it came to its end. */
async function task(words, work) {
  running?.abort();
  const own = (running = new AbortController());
  const bar = element("progress");
  bar.removeAttribute("value");
  const later = setTimeout(() => {
    bar.hidden = element("stop").hidden = false;
    say(`${words} …`);
  }, 120);
  const onProgress = ({ fraction, message }) => {
    if (own !== running) return;
    if (fraction !== null) bar.value = fraction;
    if (!bar.hidden && message) say(`${words}: ${message}`);
  };
  try {
    await work({ signal: own.signal, onProgress });
    return true;
  } catch (error) {
    if (own !== running || error.code === "gone") return false;
    if (own.signal.aborted) say("Stopped.");
    else {
      if (error.code === "filter") grid.wrong(error.data);
      say(error.code === "filter" ? `${error.data}: ${error.message}` : `${words}: ${error.message}`, true);
    }
    return false;
  } finally {
    clearTimeout(later);
    if (own === running) {
      running = null;
      bar.hidden = element("stop").hidden = true;
    }
  }
}

function say(text, wrong = false) {
  element("status").textContent = text;
  element("status").title = text;
  element("status").classList.toggle("wrong", wrong);
}

function options(select, columns, nothing) {
  const before = select.value;
  const all = columns.map(({ name }) => new Option(name, name));
  select.replaceChildren(...(nothing === null ? [] : [new Option(nothing, "")]), ...all);
  if (columns.some(({ name }) => name === before)) select.value = before;
}

/** Shows a panel, or takes it away again. */
function panel(name) {
  for (const [button, form] of [["to-group", "group"], ["to-plot", "plot"]]) {
    const open = form === name ? element(form).hidden : name === null ? false : !element(form).hidden;
    element(form).hidden = !open;
    element(button).ariaPressed = String(open);
  }
  element("sheet").nextElementSibling.hidden = element("group").hidden && element("plot").hidden;
  if (!element("plot").hidden) void draw();
}

function time(milliseconds) {
  return milliseconds < 1000 ? `${Math.max(Math.round(milliseconds), 1)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}

function prefer() {
  document.documentElement.dataset.theme = element("theme").value;
  plot.draw();
  const bins = element("bins");
  if (bins.checkValidity()) void invoke("prefer", { theme: element("theme").value, bins: bins.valueAsNumber });
}

for (const [id, act] of Object.entries({
  open: choose,
  "open-first": choose,
  export: save,
  stop: () => running?.abort(),
  "to-group": () => panel("group"),
  "to-plot": () => panel("plot"),
  measure: () => (measure(), grouped()),
})) {
  element(id).addEventListener("click", act);
}
element("group").addEventListener("change", grouped);
element("plot").addEventListener("change", () => void draw());
element("bins").addEventListener("change", prefer);
element("theme").addEventListener("change", prefer);
for (const form of document.forms) form.addEventListener("submit", (event) => event.preventDefault());

const KEYS = { o: "open", g: "to-group", p: "to-plot", e: "export" };
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") running?.abort();
  if (!(event.ctrlKey || event.metaKey)) return;
  const key = event.key.toLowerCase();
  if (!(key in KEYS) && key !== "f") return;
  event.preventDefault();
  if (key === "f") grid.focusFilter();
  else if (!element(KEYS[key]).disabled) element(KEYS[key]).click();
});
listen("drag-enter", () => (document.body.dataset.drag = ""));
listen("drag-leave", () => delete document.body.dataset.drag);
listen("drop", ({ paths }) => {
  delete document.body.dataset.drag;
  if (paths.length) void open(paths[0]);
});

const begin = await invoke("start");
element("theme").value = document.documentElement.dataset.theme = begin.theme;
element("bins").value = begin.bins;
element("recent").append(
  ...begin.recent.map((path) => {
    const button = document.createElement("button");
    const name = document.createElement("b");
    name.textContent = path.split(/[\\/]/).at(-1);
    button.append(name, path.slice(0, -name.textContent.length - 1));
    button.addEventListener("click", () => void open(path));
    return button;
  }),
);
forget();
document.documentElement.dataset.ready = "yes";
if (begin.path) await open(begin.path);
