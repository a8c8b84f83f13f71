// The page's side. `pyxidium` is part of every app: nothing has to be installed or built.
import { invoke, stream } from "pyxidium";

const $ = (id) => document.getElementById(id);

/** Writes a result, or what went wrong, where people look for it. */
function show(output, text, isError = false) {
  output.textContent = text;
  output.classList.toggle("error", isError);
}

// ---- A call ----------------------------------------------------------------------------------

$("greet").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    show($("greeting"), await invoke("greet", { name: $("name").value }));
  } catch (error) {
    // A PythonError: `type` is the exception's class, `message` what it says, `code` that of px.Error.
    show($("greeting"), error.message, true);
    if (error.code === "no-name") $("name").focus();
  }
});

// ---- Progress, and a way to stop --------------------------------------------------------------

let counting = null; // an AbortController while Python counts

$("primes").addEventListener("submit", async (event) => {
  event.preventDefault();
  counting = new AbortController();
  setCounting(true);
  show($("primes-result"), "");
  const below = $("below").valueAsNumber;
  try {
    const found = await invoke("count_primes", { below }, {
      signal: counting.signal,
      onProgress({ fraction, message }) {
        $("primes-progress").value = fraction ?? 0;
        show($("primes-result"), message);
      },
    });
    $("primes-progress").value = 1;
    const number = new Intl.NumberFormat();
    show($("primes-result"), `${number.format(found)} primes below ${number.format(below)}`);
  } catch (error) {
    $("primes-progress").value = 0;
    const cancelled = counting.signal.aborted;
    show($("primes-result"), cancelled ? "Cancelled." : error.message, !cancelled);
  } finally {
    setCounting(false);
  }
});

$("primes-cancel").addEventListener("click", () => counting?.abort());

function setCounting(active) {
  $("primes-start").disabled = active;
  $("primes-cancel").disabled = !active;
  $(active ? "primes-cancel" : "primes-start").focus();
}

// ---- A stream ---------------------------------------------------------------------------------

const WIDTH = 60; // samples that the chart shows
let watching = null;

$("load-toggle").addEventListener("click", async () => {
  if (watching) {
    watching.abort();
    return;
  }
  watching = new AbortController();
  const { signal } = watching;
  $("load-toggle").textContent = "Stop";
  const loads = [];
  try {
    for await (const sample of stream("watch_load", {}, { signal })) {
      loads.push(sample.load);
      if (loads.length > WIDTH) loads.shift();
      draw(loads);
      const time = new Date(sample.time).toLocaleTimeString();
      show($("load-now"), `${sample.load.toFixed(2)} at ${time}`);
    }
  } catch (error) {
    if (!signal.aborted) show($("load-now"), error.message, true);
  } finally {
    watching = null;
    $("load-toggle").textContent = "Watch";
  }
});

/** The newest sample at the right end; the highest one fills the chart. */
function draw(loads) {
  const top = Math.max(1, ...loads);
  const first = WIDTH - loads.length;
  const points = loads.map((load, i) => `${first + i + 1},${19 - (load / top) * 18}`);
  $("line").setAttribute("points", points.join(" "));
}
