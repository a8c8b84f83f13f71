import { run } from "./bench.js";

const { invoke } = globalThis.__TAURI_INTERNALS__;

run({
  job: () => invoke("job"),
  report: (line) => invoke("report", { line }),
  ping: (value) => invoke("ping", { value }),
  blobOut: (size) => invoke("blob_out", { size }),
  blobIn: (bytes) => invoke("blob_in", bytes),
});
