/** Keyboard shortcuts: `Mod+Shift+O` is Ctrl+Shift+O, and ⌘⇧O on a Mac. */

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

const isMac = typeof navigator !== "undefined" && /Mac/.test(navigator.platform ?? "");

/** Whether a key press is this shortcut. */
export function matches(shortcut: string, press: KeyPress, mac = isMac): boolean {
  const parts = shortcut.split("+");
  const key = parts.pop() ?? "";
  const mod = parts.includes("Mod");
  // A sign such as `?` needs Shift on some keyboards and not on others: the sign alone decides.
  const sign = key.length === 1 && !/[a-z0-9]/i.test(key);
  return (
    press.key.toLowerCase() === key.toLowerCase() &&
    (mac ? press.metaKey : press.ctrlKey) === mod &&
    !(mac ? press.ctrlKey : press.metaKey) &&
    (sign || press.shiftKey === parts.includes("Shift")) &&
    press.altKey === parts.includes("Alt")
  );
}

const MAC = { Mod: "⌘", Shift: "⇧", Alt: "⌥", Enter: "↩", Escape: "esc" } as Record<string, string>;
const PC = { Mod: "Ctrl", Escape: "Esc" } as Record<string, string>;

/** The keys of a shortcut as they stand on the keyboard. */
export function keyCaps(shortcut: string, mac = isMac): string[] {
  const names = mac ? MAC : PC;
  return shortcut.split("+").map((part) => names[part] ?? part.toUpperCase().replace(/^(.)(.+)$/, (_, a: string, b: string) => a + b.toLowerCase()));
}

/** The form that `aria-keyshortcuts` wants. */
export function ariaKeys(shortcut: string, mac = isMac): string {
  return shortcut.replace("Mod", mac ? "Meta" : "Control");
}

/** Whether typing goes into a field, where letters are letters. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLElement && target.isContentEditable)
  );
}
