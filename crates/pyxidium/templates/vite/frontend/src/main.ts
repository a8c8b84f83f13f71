// The page's side. Calls are checked against `commands.d.ts`, which `npm run types` writes.
import { invoke, PythonError, stream } from "pyxidium";

import "./style.css";

function $<E extends Element = HTMLElement>(id: string): E {
  return document.querySelector<E>(`#${id}`)!;
}

/** Writes a result, or what went wrong, where people look for it. */
function show(id: string, text: string, isError = false): void {
  const output = $<HTMLOutputElement>(id);
  output.textContent = text;
  output.classList.toggle("error", isError);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// ---- A call ----------------------------------------------------------------------------------

$("greet").addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = $<HTMLInputElement>("name");
  try {
    show("greeting", await invoke("greet", { name: name.value }));
  } catch (error) {
    // `type` is the exception's class, `message` what it says, `code` that of px.Error.
    show("greeting", messageOf(error), true);
    if (error instanceof PythonError && error.code === "no-name") name.focus();
  }
});

// ---- Progress, and a way to stop --------------------------------------------------------------

let counting: AbortController | null = null; // while Python counts
const bar = $<HTMLProgressElement>("primes-progress");

$("primes").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { signal } = (counting = new AbortController());
  setCounting(true);
  show("primes-result", "");
  const below = $<HTMLInputElement>("below").valueAsNumber;
  try {
    const found = await invoke("count_primes", { below }, {
      signal,
      onProgress({ fraction, message }) {
        bar.value = fraction ?? 0;
        show("primes-result", message);
      },
    });
    bar.value = 1;
    const number = new Intl.NumberFormat();
    show("primes-result", `${number.format(found)} primes below ${number.format(below)}`);
  } catch (error) {
    bar.value = 0;
    show("primes-result", signal.aborted ? "Cancelled." : messageOf(error), !signal.aborted);
  } finally {
    setCounting(false);
  }
});

$("primes-cancel").addEventListener("click", () => counting?.abort());

function setCounting(active: boolean): void {
  $<HTMLButtonElement>("primes-start").disabled = active;
  $<HTMLButtonElement>("primes-cancel").disabled = !active;
  $(active ? "primes-cancel" : "primes-start").focus();
}

// ---- A stream ---------------------------------------------------------------------------------

const WIDTH = 60; // samples that the chart shows
let watching: AbortController | null = null;

$("load-toggle").addEventListener("click", async () => {
  if (watching) {
    watching.abort();
    return;
  }
  const { signal } = (watching = new AbortController());
  $("load-toggle").textContent = "Stop";
  const loads: number[] = [];
  try {
    for await (const sample of stream("watch_load", {}, { signal })) {
      loads.push(sample.load);
      if (loads.length > WIDTH) loads.shift();
      draw(loads);
      const time = new Date(sample.time).toLocaleTimeString();
      show("load-now", `${sample.load.toFixed(2)} at ${time}`);
    }
  } catch (error) {
    if (!signal.aborted) show("load-now", messageOf(error), true);
  } finally {
    watching = null;
    $("load-toggle").textContent = "Watch";
  }
});

/** The newest sample at the right end; the highest one fills the chart. */
function draw(loads: number[]): void {
  const top = Math.max(1, ...loads);
  const first = WIDTH - loads.length;
  const points = loads.map((load, i) => `${first + i + 1},${19 - (load / top) * 18}`);
  $("line").setAttribute("points", points.join(" "));
}
