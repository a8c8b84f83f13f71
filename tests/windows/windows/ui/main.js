// The tests call from here.
import * as px from "pyxidium";

globalThis.px = px;
