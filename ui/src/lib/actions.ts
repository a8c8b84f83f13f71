/** Everything that can be done by name: the palette lists it, the keyboard reaches it. */

import type { Studio } from "../state/studio.svelte";
import type { IconName } from "../components/icons";
import { fileName, shortPath } from "./format";

export interface Action {
  id: string;
  title: string;
  icon: IconName;
  group: "Open" | "Project" | "Sealed file" | "Recent" | "Studio";
  shortcut?: string;
  /** A second line: where something is. */
  detail?: string;
  run: () => void;
}

/** What can be done now, in the order in which a person would look for it. */
export function actions(studio: Studio): Action[] {
  return [...projectActions(studio), ...inspectionActions(studio), ...openActions(studio), ...studioActions(studio), ...recentActions(studio)];
}

function openActions(studio: Studio): Action[] {
  const open = (id: string, title: string, icon: IconName, shortcut: string, run: () => void): Action => ({ id, title, icon, shortcut, run, group: "Open" });
  return [
    open("open-script", "Open a script…", "script", "Mod+O", () => void studio.choose("script")),
    open("open-folder", "Open a folder…", "folder", "Mod+Shift+O", () => void studio.choose("folder")),
    open("inspect-file", "Inspect a sealed file…", "capsule", "Mod+I", () => void studio.choose("sealed")),
  ];
}

function projectActions(studio: Studio): Action[] {
  const project = studio.project;
  if (!project?.project) return [];
  const list: Action[] = [];
  const add = (id: string, title: string, icon: IconName, shortcut: string | undefined, run: () => void): void => {
    list.push({ id, title, icon, group: "Project", run, ...(shortcut ? { shortcut } : {}) });
  };
  if (studio.view !== "project") {
    add("show-project", `Back to ${project.project.name}`, "layers", undefined, () => (studio.view = "project"));
  }
  if (project.building.running) {
    add("cancel-build", "Cancel the build", "stop", "Escape", () => project.building.cancel());
  } else {
    add("build", "Build", "capsule", "Mod+B", () => {
      studio.view = "project";
      void project.build();
    });
  }
  if (project.running.running) {
    add("stop-run", "Stop the app", "stop", "Mod+.", () => project.running.cancel());
  } else if (project.sealed) {
    add("run", "Run the sealed app", "play", "Mod+R", () => {
      studio.view = "project";
      void project.run();
    });
  }
  const speed = project.speed;
  if (studio.view !== "speed") {
    add("speed", "Find what is slow", "bolt", "Mod+Shift+S", () => (studio.view = "speed"));
  } else if (!speed.running) {
    add("profile", "Profile the app", "bolt", "Mod+Shift+Enter", () => void speed.start());
  }
  if (speed.running) add("stop-profile", "Stop the profiled app", "stop", "Mod+.", () => void speed.stop());
  const sealed = project.sealed;
  if (sealed) {
    add("inspect-result", "Inspect the sealed app", "search", "Mod+Shift+I", () => void studio.inspect(sealed.path));
    add("show-result", "Show the sealed app in its folder", "folder", undefined, () => void studio.show(sealed.path));
  }
  add("analyse", "Look at the project again", "refresh", "F5", () => void project.open());
  return list;
}

function inspectionActions(studio: Studio): Action[] {
  const inspection = studio.inspection;
  if (studio.view !== "inspection" || !inspection?.contents) return [];
  const { hash } = inspection.contents;
  return [
    { id: "verify", title: "Verify every byte", icon: "shield", group: "Sealed file", shortcut: "Mod+Enter", run: () => void inspection.verify() },
    { id: "copy-hash", title: "Copy the payload's hash", icon: "copy", group: "Sealed file", run: () => void studio.copy(hash, "Hash") },
  ];
}

function studioActions(studio: Studio): Action[] {
  const theme = studio.settings.theme;
  const list: Action[] = [
    { id: "settings", title: "Settings", icon: "sliders", group: "Studio", shortcut: "Mod+,", run: () => (studio.view = "settings") },
    { id: "shortcuts", title: "Keyboard shortcuts", icon: "keyboard", group: "Studio", shortcut: "?", run: () => (studio.help = true) },
    { id: "welcome", title: "Start page", icon: "home", group: "Studio", shortcut: "Mod+Shift+H", run: () => (studio.view = "welcome") },
  ];
  for (const [value, name] of [["system", "as the desktop's"], ["light", "light"], ["dark", "dark"]] as const) {
    if (value !== theme) {
      list.push({ id: `theme-${value}`, title: `Appearance: ${name}`, icon: value === "light" ? "sun" : "moon", group: "Studio", run: () => void studio.save({ theme: value }) });
    }
  }
  return list;
}

function recentActions(studio: Studio): Action[] {
  return studio.recent.slice(0, 9).map((entry) => ({
    id: `recent-${entry.path}`,
    title: entry.name || fileName(entry.path),
    detail: shortPath(entry.path, studio.home),
    icon: entry.kind === "sealed" ? "capsule" : "layers",
    group: "Recent" as const,
    run: () => void studio.open(entry.path),
  }));
}
