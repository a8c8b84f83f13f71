/** The page with made-up data, in any browser: `npm run dev`, then /dev.html?view=project. */

import { start } from "./data";
import { mockPython } from "./mock";

const asked = new URLSearchParams(location.search);
const view = asked.get("view");
const theme = asked.get("theme");

if (theme === "dark" || theme === "light") start.settings.theme = theme;
if (view === "project" || view === "build" || view === "speed") start.open = "/home/ada/work/words";
if (view === "inspection") start.open = "/home/ada/dist/ledger";
if (asked.has("empty")) start.recent = [];
mockPython({}, Number(asked.get("step") ?? 0));
await import("../src/main");

const press = (key: string, ctrlKey = true): void => {
  window.dispatchEvent(new KeyboardEvent("keydown", { key, ctrlKey, bubbles: true }));
};
const later = (ms: number, act: () => void): void => void setTimeout(act, ms);
if (view === "settings") later(200, () => press(","));
if (view === "palette") later(200, () => press("k"));
if (view === "help") later(200, () => press("?", false));
if (view === "build") later(300, () => press("b"));
if (view === "speed") {
  later(300, () => window.dispatchEvent(new KeyboardEvent("keydown", { key: "S", ctrlKey: true, shiftKey: true, bubbles: true })));
  later(600, () => document.querySelector<HTMLElement>("[data-testid=profile]")?.click());
  if (asked.has("gain")) later(1500, () => document.querySelector<HTMLElement>("[data-testid=measure]")?.click());
}
if (asked.has("run")) later(900, () => press("r"));
