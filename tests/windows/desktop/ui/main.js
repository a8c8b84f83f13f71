// The tests call from here.
import * as px from "pyxidium";

globalThis.events = [];
for (const name of ["drag-enter", "drag-leave", "drop"]) {
  px.listen(name, (data) => globalThis.events.push([name, data]));
}
globalThis.px = px;
