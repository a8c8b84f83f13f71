/** The plot: a canvas with axes; the figure under the mouse, or chosen with the arrow keys, is told. */

const MARGIN = { left: 56, right: 8, top: 8, bottom: 26 };
const BAR = 22;

export class Plot {
  #canvas;
  #tell;
  #data = null;
  #at = -1;

  constructor(canvas, tell) {
    this.#canvas = canvas;
    this.#tell = tell;
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    canvas.addEventListener("pointermove", (event) => this.#choose(this.#under(event)));
    canvas.addEventListener("pointerleave", () => this.#choose(-1));
    canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  /** `data` as Python gives it, with `what`, and the words for both axes. */
  show(data) {
    [this.#data, this.#at] = [data, -1];
    const rows = data?.labels ? data.labels.length * BAR + 4 : 260;
    this.#canvas.parentElement.style.height = `${Math.max(rows, 80)}px`;
    this.#tell(data ? data.summary : "");
    this.draw();
  }

  #key(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step || !this.#data) return;
    event.preventDefault();
    const count = this.#data.values.length;
    this.#choose((Math.max(this.#at, step < 0 ? 0 : -1) + step + count) % count);
  }

  #choose(at) {
    if (at === this.#at || !this.#data) return;
    this.#at = at;
    const { labels, starts, values, step, unit, x, of } = this.#data;
    if (at < 0) this.#tell(this.#data.summary);
    else if (labels) this.#tell(`${labels[at]}: ${figure(values[at])}${of}`);
    else {
      const ends = [starts[at], starts[at] + step - unit].map((end) => place(end, x, step));
      this.#tell(`${[...new Set(ends)].join(" to ")}: ${figure(values[at])}${of}`);
    }
    this.draw();
  }

  #under({ offsetX, offsetY }) {
    if (!this.#data) return -1;
    const { labels, starts, values, step } = this.#data;
    if (labels) return Math.min(Math.max(Math.floor(offsetY / BAR), 0), values.length - 1);
    const { left, width } = this.#box();
    const x = starts[0] + ((offsetX - left) / width) * (starts.at(-1) + step - starts[0]);
    return starts.findLastIndex((start) => start <= x);
  }

  #box() {
    const { clientWidth, clientHeight } = this.#canvas;
    return {
      left: MARGIN.left,
      top: MARGIN.top,
      width: clientWidth - MARGIN.left - MARGIN.right,
      height: clientHeight - MARGIN.top - MARGIN.bottom,
    };
  }

  draw() {
    const canvas = this.#canvas;
    [canvas.width, canvas.height] = [canvas.clientWidth * devicePixelRatio, canvas.clientHeight * devicePixelRatio];
    if (!this.#data || canvas.width === 0) return;
    const context = canvas.getContext("2d");
    context.scale(devicePixelRatio, devicePixelRatio);
    context.font = `12px ${getComputedStyle(canvas).fontFamily}`;
    context.textBaseline = "middle";
    const colours = Object.fromEntries(["accent", "ink", "soft", "line", "chosen"].map((name) => [name, this.#colour(name)]));
    if (this.#data.labels) this.#bars(context, colours);
    else this.#curve(context, colours);
  }

  /** light-dark() is none that a canvas knows. */
  #colour(name) {
    this.#canvas.style.color = `var(--${name})`;
    const value = getComputedStyle(this.#canvas).color;
    this.#canvas.style.color = "";
    return value;
  }

  #bars(context, colours) {
    const { labels, values } = this.#data;
    const width = this.#canvas.clientWidth;
    const most = Math.max(...values.map(Math.abs), Number.MIN_VALUE);
    const names = Math.min(Math.max(...labels.map((label) => context.measureText(label).width)) + 12, width * 0.4);
    const room = width - names - 64;
    values.forEach((value, at) => {
      const y = at * BAR + BAR / 2 + 2;
      context.textAlign = "right";
      context.fillStyle = at === this.#at ? colours.ink : colours.soft;
      context.fillText(fitted(context, labels[at], names - 10), names - 8, y);
      context.fillStyle = colours.accent;
      context.globalAlpha = value < 0 ? 0.5 : 1;
      const long = Math.max((Math.abs(value) / most) * room, 1);
      context.fillRect(names, y - 7, long, 14);
      context.globalAlpha = 1;
      context.textAlign = "left";
      context.fillStyle = at === this.#at ? colours.ink : colours.soft;
      context.fillText(short(value), names + long + 6, y);
    });
  }

  #curve(context, colours) {
    const { starts, values, step, x, what } = this.#data;
    const { left, top, width, height } = this.#box();
    const [from, to] = [starts[0], starts.at(-1) + step];
    const known = values.filter((value) => value !== null);
    const least = what === "line" ? Math.min(...known) : 0;
    const ticks = nice(least, Math.max(...known), 5);
    const [low, high] = [Math.min(ticks[0], least), Math.max(ticks.at(-1), ...known)];
    const across = (value) => left + ((value - from) / (to - from)) * width;
    const up = (value) => top + height - ((value - low) / (high - low || 1)) * height;

    context.lineWidth = 1;
    context.textAlign = "right";
    for (const tick of ticks) {
      context.fillStyle = colours.line;
      context.fillRect(left, Math.round(up(tick)), width, 1);
      context.fillStyle = colours.soft;
      context.fillText(short(tick), left - 8, up(tick));
    }
    context.textAlign = "center";
    for (const tick of x === "number" ? nice(from, to, Math.max(Math.floor(width / 90), 2)) : [from, (from + to) / 2, to]) {
      const words = place(tick, x, (to - from) / 4);
      const half = context.measureText(words).width / 2;
      context.fillText(words, Math.min(Math.max(across(tick), half), left + width - half), top + height + 15);
    }

    context.fillStyle = context.strokeStyle = colours.accent;
    if (what === "line") {
      context.lineWidth = 1.8;
      context.lineJoin = "round";
      context.beginPath();
      starts.forEach((start, at) => values[at] !== null && context.lineTo(across(start + step / 2), up(values[at])));
      context.stroke();
    } else {
      const wide = (step / (to - from)) * width;
      starts.forEach((start, at) => {
        context.globalAlpha = this.#at < 0 || at === this.#at ? 1 : 0.45;
        const y = up(values[at]);
        context.fillRect(across(start) + 0.5, y, Math.max(wide - 1, 1), top + height - y);
      });
      context.globalAlpha = 1;
    }
    if (what === "line" && this.#at >= 0 && values[this.#at] !== null) {
      context.beginPath();
      context.arc(across(starts[this.#at] + step / 2), up(values[this.#at]), 4, 0, 2 * Math.PI);
      context.fill();
    }
  }
}

/** Round places between two values. */
function nice(low, high, count) {
  if (!(high > low)) return [low];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 2.5, 5, 10].find((times) => times * power >= rough);
  const found = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step / 1e6; tick += step) found.push(tick);
  return found.length ? found : [low];
}

/** A place on the x axis in words; `step` says how exactly. */
function place(value, kind, step) {
  if (kind === "number") return figure(Math.abs(value) < step / 1e6 ? 0 : value);
  const iso = new Date(value).toISOString();
  return step < 86_400_000 ? iso.slice(0, 16).replace("T", " ") : iso.slice(0, 10);
}

export function figure(value) {
  if (value === null) return "none";
  return value.toLocaleString("en", Number.isInteger(value) ? {} : { maximumSignificantDigits: 6 });
}

function short(value) {
  return value.toLocaleString("en", { notation: "compact", maximumSignificantDigits: 4 });
}

function fitted(context, text, room) {
  if (context.measureText(text).width <= room) return text;
  let end = text.length;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > room) end -= 1;
  return `${text.slice(0, end)}…`;
}
