import { invoke } from "pyxidium";

const element = (id) => document.getElementById(id);
let running = null;

element("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  running = new AbortController();
  busy(true);
  element("answer").textContent = "Counting on all cores …";
  try {
    const limit = element("limit").valueAsNumber;
    const { count, seconds } = await invoke("count_primes", { limit }, { signal: running.signal });
    element("answer").textContent = `${count.toLocaleString()} primes in ${seconds.toFixed(2)} s`;
  } catch (error) {
    element("answer").textContent = running.signal.aborted ? "Stopped." : error.message;
  }
  busy(false);
});

element("stop").addEventListener("click", () => running.abort());

function busy(yes) {
  element("count").disabled = yes;
  element("stop").disabled = !yes;
  element(yes ? "stop" : "limit").focus();
}
