import { expect, it } from "vitest";

import { search } from "./fuzzy";

const commands = ["Open a script…", "Open a folder…", "Inspect a sealed file…", "Settings", "Appearance: dark"];
const find = (query: string): string[] => search(query, commands, (text) => text);

it("keeps the order when nothing is asked", () => expect(find(" ")).toEqual(commands));
it("finds beginnings of words", () => expect(find("of")[0]).toBe("Open a folder…"));
it("prefers the whole word", () => expect(find("set")[0]).toBe("Settings"));
it("finds nothing where letters are missing", () => expect(find("zzz")).toEqual([]));
it("does not care about case", () => expect(find("DARK")).toEqual(["Appearance: dark"]));
