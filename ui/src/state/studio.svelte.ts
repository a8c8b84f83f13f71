/** What is on the screen, and the few things that all of Studio knows. */

import { type Choice, type Recent, type Settings, type Theme, failure, studio } from "../client";
import { InspectionState } from "./inspection.svelte";
import { ProjectState } from "./project.svelte";

export type View = "welcome" | "project" | "speed" | "inspection" | "settings";

export interface Notice {
  id: number;
  text: string;
  tone: "good" | "bad";
}

const DEFAULTS: Settings = {
  theme: "system",
  output_folder: null,
  offline: false,
  upgrade: false,
  index_url: "",
  native_libraries: "memory",
};

export class Studio {
  view = $state<View>("welcome");
  project = $state.raw<ProjectState | null>(null);
  inspection = $state.raw<InspectionState | null>(null);
  recent = $state.raw<Recent[]>([]);
  settings = $state.raw<Settings>(DEFAULTS);
  version = $state("");
  home = $state("");
  /** Files are held over the window. */
  dragging = $state(false);
  /** Python has answered. */
  ready = $state(false);
  palette = $state(false);
  help = $state(false);
  notices = $state.raw<Notice[]>([]);

  #notice = 0;

  async start(): Promise<void> {
    const start = await this.#said(studio.start());
    if (!start) return;
    this.version = start.version;
    this.home = start.home;
    this.recent = start.recent;
    this.#take(start.settings);
    this.ready = true;
    studio.onDrag((over) => (this.dragging = over));
    studio.onDrop(({ paths }) => {
      this.dragging = false;
      if (paths[0]) void this.open(paths[0]);
    });
    if (start.open) await this.open(start.open);
  }

  /** Asks for a file or a folder, and opens it. */
  async choose(what: Exclude<Choice, "output_folder">): Promise<void> {
    const path = await this.#said(studio.choose(what));
    if (path) await (what === "sealed" ? this.inspect(path) : this.openProject(path));
  }

  /** A project or a sealed file: whatever it is. */
  async open(path: string): Promise<void> {
    const known = this.recent.find((entry) => entry.path === path);
    const kind = known?.kind ?? (await this.#said(studio.kind(path)));
    if (kind) await (kind === "sealed" ? this.inspect(path) : this.openProject(path));
  }

  async openProject(path: string): Promise<void> {
    this.project?.close();
    const project = new ProjectState(path);
    this.project = project;
    this.view = "project";
    const found = await project.read();
    await this.#refresh();
    if (found) await project.analyse();
  }

  async inspect(path: string): Promise<void> {
    this.inspection?.close();
    const inspection = new InspectionState(path);
    this.inspection = inspection;
    this.view = "inspection";
    await inspection.open();
    await this.#refresh();
  }

  async forget(path: string): Promise<void> {
    this.recent = (await this.#said(studio.forget(path))) ?? this.recent;
  }

  async save(change: Partial<Settings>): Promise<void> {
    const settings = { ...this.settings, ...change };
    // At once, so that a switch follows the hand; Python's answer is the truth.
    this.#take(settings);
    const saved = await this.#said(studio.save(settings));
    if (saved) this.#take(saved);
  }

  async show(path: string): Promise<void> {
    await this.#said(studio.show(path));
  }

  async copy(text: string, what: string): Promise<void> {
    const done = await this.#said(studio.copy(text).then(() => true));
    if (done) this.notify(`${what} copied`);
  }

  notify(text: string, tone: Notice["tone"] = "good"): void {
    const id = this.#notice++;
    this.notices = [...this.notices, { id, text, tone }];
    setTimeout(() => this.dismiss(id), tone === "bad" ? 8000 : 2500);
  }

  dismiss(id: number): void {
    this.notices = this.notices.filter((notice) => notice.id !== id);
  }

  async #refresh(): Promise<void> {
    this.recent = (await this.#said(studio.recent())) ?? this.recent;
  }

  #take(settings: Settings): void {
    this.settings = settings;
    applyTheme(settings.theme);
  }

  /** A failure of something small is said in passing. */
  async #said<T>(call: Promise<T>): Promise<T | undefined> {
    try {
      return await call;
    } catch (error) {
      this.notify(failure(error).message, "bad");
      return undefined;
    }
  }
}

function applyTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
}
