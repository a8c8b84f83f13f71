/** The canvas: polygons, points, what was found; one point is chosen and told. */
export class Field {
  #canvas;
  #tell;
  #scene = null;
  #radius = 0;
  #best = [];
  #chosen = 0;

  constructor(canvas, tell) {
    this.#canvas = canvas;
    this.#tell = tell;
    new ResizeObserver(() => this.#draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("pointermove", (event) => this.#point(event));
  }

  show(scene, radius) {
    [this.#scene, this.#radius, this.#best, this.#chosen] = [scene, radius, [], 0];
    this.#draw();
  }

  found(best) {
    this.#best = best;
    this.#draw();
  }

  #key(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step || this.#count === 0) return;
    event.preventDefault();
    this.#choose((this.#chosen + step + this.#count) % this.#count);
  }

  /** The point nearest to the mouse. */
  #point(event) {
    if (this.#count === 0) return;
    const { scale, left, top } = this.#place();
    const [x, y] = [(event.offsetX - left) / scale, (event.offsetY - top) / scale];
    let [nearest, least] = [0, Infinity];
    for (let n = 0; n < this.#count; n++) {
      const apart = Math.hypot(this.#scene.points[2 * n] - x, this.#scene.points[2 * n + 1] - y);
      if (apart < least) [nearest, least] = [n, apart];
    }
    this.#choose(nearest);
  }

  #choose(n) {
    if (n === this.#chosen) return;
    this.#chosen = n;
    this.#draw();
  }

  get #count() {
    return this.#scene ? this.#scene.points.length / 2 : 0;
  }

  #place() {
    const { clientWidth, clientHeight } = this.#canvas;
    const { width, height } = this.#scene;
    const scale = Math.min((clientWidth - 32) / width, (clientHeight - 32) / height);
    return { scale, left: (clientWidth - scale * width) / 2, top: (clientHeight - scale * height) / 2 };
  }

  #draw() {
    const canvas = this.#canvas;
    const density = devicePixelRatio;
    canvas.width = canvas.clientWidth * density;
    canvas.height = canvas.clientHeight * density;
    if (!this.#scene) return;
    const resolved = (name) => {
      // light-dark() is none that a canvas knows.
      canvas.style.color = `var(${name})`;
      const value = getComputedStyle(canvas).color;
      canvas.style.color = "";
      return value;
    };
    const [polygon, found, ink] = ["--polygon", "--found", "--ink"].map(resolved);
    const { scale, left, top } = this.#place();
    const context = canvas.getContext("2d");
    context.setTransform(density * scale, 0, 0, density * scale, density * left, density * top);
    const pixel = 1 / scale;
    const matched = new Set(this.#best);

    context.lineWidth = 0.8 * pixel;
    const count = this.#scene.polygons.length / 20;
    for (const own of [false, true]) {
      context.strokeStyle = own ? found : polygon;
      context.fillStyle = own ? found : polygon;
      for (let n = 0; n < count; n++) {
        if (matched.has(n) !== own) continue;
        this.#outline(context, n);
        context.globalAlpha = own ? 0.55 : 0.1;
        context.fill();
        context.globalAlpha = own ? 1 : 0.5;
        context.stroke();
      }
    }
    context.globalAlpha = 0.7;
    context.strokeStyle = found;
    context.lineWidth = pixel;
    this.#best.forEach((best, n) => {
      if (best < 0) return;
      const [x, y] = this.#centre(best);
      context.beginPath();
      context.moveTo(this.#scene.points[2 * n], this.#scene.points[2 * n + 1]);
      context.lineTo(x, y);
      context.stroke();
    });
    context.globalAlpha = 1;
    context.fillStyle = ink;
    for (let n = 0; n < this.#count; n++) this.#dot(context, n, 2.2 * pixel);
    this.#circle(context, ink, pixel);
  }

  #outline(context, n) {
    const { polygons } = this.#scene;
    context.beginPath();
    for (let at = 20 * n; at < 20 * n + 20; at += 2) context.lineTo(polygons[at], polygons[at + 1]);
    context.closePath();
  }

  #centre(n) {
    const corners = this.#scene.polygons.subarray(20 * n, 20 * n + 20);
    const mean = (from) => corners.filter((_, at) => at % 2 === from).reduce((a, b) => a + b) / 10;
    return [mean(0), mean(1)];
  }

  #dot(context, n, size) {
    context.beginPath();
    context.arc(this.#scene.points[2 * n], this.#scene.points[2 * n + 1], size, 0, 2 * Math.PI);
    context.fill();
  }

  /** Around the chosen point, as far as counts. */
  #circle(context, ink, pixel) {
    if (this.#count === 0) return;
    const n = this.#chosen;
    const [x, y] = this.#scene.points.subarray(2 * n, 2 * n + 2);
    context.strokeStyle = ink;
    context.lineWidth = 1.2 * pixel;
    context.setLineDash([4 * pixel, 3 * pixel]);
    context.beginPath();
    context.arc(x, y, this.#radius, 0, 2 * Math.PI);
    context.stroke();
    context.setLineDash([]);
    this.#dot(context, n, 4 * pixel);
    const best = this.#best[n];
    const where = `Point ${n + 1} of ${this.#count}, at ${x.toFixed(1)}, ${y.toFixed(1)}`;
    if (best === undefined) this.#tell(where);
    else if (best < 0) this.#tell(`${where}: no polygon is close.`);
    else this.#tell(`${where}: polygon ${best + 1}, area ${this.#area(best).toFixed(2)}.`);
  }

  #area(n) {
    const p = this.#scene.polygons.subarray(20 * n, 20 * n + 20);
    let twice = 0;
    for (let i = 0, j = 18; i < 20; j = i, i += 2) twice += p[j] * p[i + 1] - p[i] * p[j + 1];
    return Math.abs(twice) / 2;
  }
}
