import { render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";

import { parts } from "../../tests/data";
import { nodesOf } from "../lib/parts";
import Treemap from "./Treemap.svelte";

const show = (): void => {
  render(Treemap, { nodes: nodesOf(parts), colourOf: () => "hue-1", whole: "What goes in" });
};
const names = (): (string | undefined)[] => screen.getAllByTestId("tile").map((tile) => tile.dataset.name);

it("shows every part that can be seen, largest first", () => {
  show();
  expect(names().slice(0, 2)).toEqual(["numpy", "pandas"]);
  expect(names()).toContain("3 smaller");
});

it("has one tile in the tab order, and arrows move it", async () => {
  show();
  const user = userEvent.setup();
  await user.tab();
  expect(document.activeElement).toHaveProperty("dataset.name", "numpy");
  await user.keyboard("{ArrowRight}");
  await Promise.resolve();
  expect(document.activeElement).not.toHaveProperty("dataset.name", "numpy");
  expect(screen.getAllByTestId("tile").filter((tile) => tile.tabIndex === 0)).toHaveLength(1);
});

it("goes in with Enter and out with Backspace", async () => {
  show();
  const user = userEvent.setup();
  await user.tab();
  await user.keyboard("{Enter}");
  expect(names()).toContain("linalg");
  expect(within(screen.getByTestId("treemap")).getByText("numpy")).toBeTruthy();
  await user.keyboard("{Backspace}");
  expect(names()).toContain("pandas");
  expect(document.activeElement).toHaveProperty("dataset.name", "numpy");
});

it("tells about the tile that is looked at", async () => {
  show();
  await userEvent.hover(screen.getAllByTestId("tile")[1]!);
  expect(screen.getByTestId("treemap-about").textContent).toMatch(/pandas.*7\.1 MB in the file/s);
});
