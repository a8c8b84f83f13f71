import { invoke } from "pyxidium";

import { run } from "./bench.js";

run({
  job: () => invoke("job"),
  report: (line) => invoke("report", { line }),
  ping: (value) => invoke("ping", { value }),
  blobOut: (size) => invoke("blob_out", { size }),
  blobIn: (data) => invoke("blob_in", { data }),
});
