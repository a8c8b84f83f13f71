/** The sheet: millions of rows, of which only those that can be seen exist. */

const ROW = 28;
const BLOCK = 256;
const KEPT = 48;
/** Engines draw nothing beyond some 30 million pixels: above this a pixel of the scrollbar is more than one of the rows. */
const TALLEST = 8_000_000;

export class Grid {
  #sheet;
  #asked;
  #fetch;
  #canvas = make("div", "canvas");
  #head = make("div", "head");
  #layer = make("div", "rows");
  #lines = [];
  #columns = [];
  #blocks = new Map();
  #rows = 0;
  #first = 0;
  #chosen = 0;
  #drawing = 0;

  /** `asked` hears of sorting and filters; `fetch(start, count)` gives columns of values. */
  constructor(sheet, asked) {
    this.#sheet = sheet;
    this.#asked = asked;
    this.#canvas.append(this.#head, this.#layer);
    sheet.append(this.#canvas);
    sheet.addEventListener("scroll", () => this.#scrolled());
    sheet.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    sheet.addEventListener("keydown", (event) => this.#key(event));
    this.#layer.addEventListener("pointerdown", (event) => this.#point(event));
    new ResizeObserver(() => this.#resized()).observe(sheet);
  }

  /** Other columns: names, filters, widths that suit the first rows. */
  columns(columns, filters, sample) {
    this.#columns = columns;
    const widths = columns.map(({ name, kind, type }, at) => {
      const values = (sample[at] ?? []).slice(0, 100);
      const longest = Math.max(...values.map((value) => shown(value, kind).length), name.length + type.length + 3, 8);
      return `calc(${Math.min(longest, 36)}ch + 22px)`;
    });
    this.#canvas.style.setProperty("--columns", ["var(--gutter)", ...widths, "1fr"].join(" "));
    this.#canvas.style.width = "max-content";
    const names = make("div", "names");
    const fields = make("div", "filters");
    names.role = "row";
    names.append(make("span"));
    fields.append(make("span"));
    for (const column of columns) {
      names.append(this.#name(column));
      fields.append(this.#field(column, filters));
    }
    this.#head.replaceChildren(names, fields);
    this.#canvas.style.setProperty("--head", `${this.#head.offsetHeight}px`);
    this.#sheet.ariaColCount = columns.length;
    this.#lines.forEach((line) => line.remove());
    this.#lines = [];
  }

  /** Other rows of these columns. */
  show(rows, fetch, sample = null) {
    [this.#rows, this.#fetch, this.#chosen] = [rows, fetch, 0];
    this.#blocks = new Map(sample ? [[0, sample]] : []);
    this.#sheet.ariaRowCount = rows;
    this.#canvas.style.setProperty("--gutter", `calc(${rows.toLocaleString("en").length}ch + 24px)`);
    this.#resized();
    this.#go(0);
  }

  sorted(name, descending) {
    for (const cell of this.#head.querySelectorAll("[data-column]")) {
      if (cell.dataset.column === name) cell.ariaSort = descending ? "descending" : "ascending";
      else cell.removeAttribute("aria-sort");
    }
  }

  /** Marks a filter that does not fit its column; null: all of them do. */
  wrong(column) {
    for (const field of this.#head.querySelectorAll("input")) {
      field.ariaInvalid = String(field.name === column);
    }
  }

  focusFilter() {
    this.#head.querySelector("input")?.focus();
  }

  #name({ name, kind, type }) {
    const cell = make("div");
    cell.dataset.column = name;
    cell.role = "columnheader";
    const button = make("button", kind === "number" ? "number" : "");
    const word = make("small");
    word.textContent = type.toLowerCase();
    button.append(name, word);
    button.title = `${name}: ${type}. Click to sort.`;
    button.addEventListener("click", () => this.#asked.sort(name));
    cell.append(button);
    return cell;
  }

  #field({ name, kind }, filters) {
    const cell = make("div");
    if (!(name in filters)) return cell;
    const field = make("input");
    Object.assign(field, { name, value: filters[name], spellcheck: false, placeholder: HINTS[kind] });
    field.ariaLabel = `Filter ${name}`;
    field.title = TOLD[kind];
    const mark = () => field.classList.toggle("set", field.value.trim() !== "");
    field.addEventListener("input", () => {
      mark();
      this.#asked.filter(name, field.value);
    });
    mark();
    cell.append(field);
    return cell;
  }

  // -- Where we are ----------------------------------------------------------------------------------

  get #seen() {
    return Math.max((this.#sheet.clientHeight - this.#head.offsetHeight) / ROW, 1);
  }

  get #last() {
    return Math.max(this.#rows - this.#seen, 0);
  }

  /** Rows for each pixel of the scrollbar. */
  get #pace() {
    const way = this.#canvas.offsetHeight - this.#sheet.clientHeight;
    return way > 0 ? this.#last / way : 0;
  }

  #resized() {
    const tall = Math.min(this.#rows * ROW, TALLEST) + this.#head.offsetHeight;
    this.#canvas.style.height = `${Math.max(tall, this.#sheet.clientHeight)}px`;
    while (this.#lines.length < Math.ceil(this.#seen) + 1) this.#lines.push(this.#line());
    this.#go(this.#first);
  }

  #go(first) {
    this.#first = Math.min(Math.max(first, 0), this.#last);
    if (this.#pace > 0) this.#sheet.scrollTop = Math.round(this.#first / this.#pace);
    this.#draw();
  }

  #scrolled() {
    // Ours come back, rounded; a person's are elsewhere.
    if (Math.abs(this.#sheet.scrollTop - this.#first / (this.#pace || 1)) <= 1.5) return this.#draw();
    this.#first = Math.min(this.#sheet.scrollTop * this.#pace, this.#last);
    this.#draw();
  }

  #wheel(event) {
    if (this.#rows * ROW <= TALLEST || event.ctrlKey || !event.deltaY) return;
    event.preventDefault();
    this.#go(this.#first + event.deltaY / (event.deltaMode === 1 ? 1 : ROW));
  }

  #key(event) {
    if (event.target !== this.#sheet) return;
    const page = Math.floor(this.#seen) - 1;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -this.#rows, End: this.#rows };
    const step = steps[event.key];
    if (!step || this.#rows === 0) return;
    event.preventDefault();
    this.#chosen = Math.min(Math.max(this.#chosen + step, 0), this.#rows - 1);
    const lowest = this.#chosen - Math.floor(this.#seen) + 1;
    this.#go(Math.min(Math.max(this.#first, lowest), this.#chosen));
  }

  #point(event) {
    const line = event.target.closest(".line");
    if (line) this.#chosen = Number(line.dataset.row);
    this.#draw();
  }

  // -- What is seen ----------------------------------------------------------------------------------

  #draw() {
    this.#drawing ||= requestAnimationFrame(() => {
      this.#drawing = 0;
      this.#paint();
    });
  }

  #paint() {
    const from = Math.floor(this.#first);
    this.#lines.forEach((line, at) => {
      const row = from + at;
      line.hidden = row >= this.#rows;
      if (line.hidden) return;
      line.style.transform = `translateY(${(row - this.#first) * ROW}px)`;
      line.dataset.row = row;
      line.ariaRowIndex = row + 1;
      line.ariaSelected = String(row === this.#chosen);
      const block = this.#block(Math.floor(row / BLOCK));
      const [number, ...cells] = line.children;
      number.textContent = (row + 1).toLocaleString("en");
      cells.forEach((cell, column) => {
        const value = block?.[column]?.[row % BLOCK];
        const text = block ? shown(value, this.#columns[column].kind) : "";
        if (cell.textContent !== text) cell.textContent = text;
        cell.classList.toggle("none", value === null);
      });
    });
  }

  /** A block of rows, if it is here; else it is fetched, and then drawn. */
  #block(at) {
    const block = this.#blocks.get(at);
    if (block !== undefined) return block;
    const blocks = this.#blocks.set(at, null);
    if (blocks.size > KEPT) blocks.delete(blocks.keys().next().value);
    this.#fetch(at * BLOCK, BLOCK).then(
      (columns) => {
        if (blocks !== this.#blocks) return;
        blocks.set(at, columns);
        this.#draw();
      },
      () => blocks.delete(at),
    );
    return null;
  }

  #line() {
    const line = make("div", "line");
    line.role = "row";
    line.append(make("span"), ...this.#columns.map(({ kind }) => make("span", kind === "number" ? "number" : "")));
    for (const cell of line.children) cell.role = "gridcell";
    this.#layer.append(line);
    return line;
  }
}

const HINTS = { number: "> 0", date: "2026-01-31", time: ">= 2026-01-31", bool: "true", text: "contains" };
const TOLD = {
  number: "12, > 12, 10..20; = alone: empty",
  date: "2026-01-31, >= 2026-01-31, 2026-01-01..2026-01-31; = alone: empty",
  time: ">= 2026-01-31, 2026-01-31 12:30..2026-02-01; = alone: empty",
  bool: "true or false; = alone: empty",
  text: "oslo: contains; =Oslo: is; !oslo: does not contain; = alone: empty",
};
const NUMBER = new Intl.NumberFormat("en", { maximumSignificantDigits: 9, useGrouping: false });

/** A value as it is shown. */
export function shown(value, kind) {
  if (value === null || value === undefined) return "–";
  if (kind === "number" && typeof value === "number") return Number.isInteger(value) ? String(value) : NUMBER.format(value);
  if (kind === "time") return String(value).replace("T", " ");
  return String(value).replaceAll("\n", " ");
}

function make(tag, name = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  return made;
}
