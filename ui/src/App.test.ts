import { render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";

import { start } from "../tests/data";
import { mockPython } from "../tests/mock";
import App from "./App.svelte";

const user = userEvent.setup();
const ready = (): Promise<unknown> => waitFor(() => expect(screen.getByTestId("studio").dataset.ready).toBe("true"));

it("invites to drop something, and lists what was open before", async () => {
  render(App);
  await ready();
  expect(screen.getByTestId("drop-zone").textContent).toContain("Drop a Python script or folder");
  expect(screen.getAllByTestId("recent")).toHaveLength(3);
});

it("goes from the keyboard alone to a sealed file that ran", async () => {
  render(App);
  await ready();
  await user.keyboard("{Control>}o{/Control}");
  await screen.findByTestId("treemap");
  expect(screen.getByTestId("project-name").textContent).toContain("words");
  expect(screen.getAllByTestId("attention-item")).toHaveLength(2);
  await user.keyboard("{Control>}b{/Control}");
  await screen.findByTestId("sealed");
  await user.keyboard("{Control>}r{/Control}");
  expect((await screen.findByTestId("exit")).textContent).toBe("Ended well");
  await user.keyboard("{Control>}{Shift>}I{/Shift}{/Control}");
  expect((await screen.findByTestId("inspection-name")).textContent).toContain("words");
});

it("cancels a build with Escape", async () => {
  render(App);
  await ready();
  await user.click(screen.getByTestId("welcome-open-folder"));
  await screen.findByTestId("treemap");
  mockPython({}, 2000);
  await user.click(screen.getByTestId("build"));
  await screen.findByTestId("progress");
  await user.keyboard("{Escape}");
  await screen.findByTestId("build-cancelled");
});

it("shows a failed build with its hint", async () => {
  mockPython({
    build: async function* () {
      yield { kind: "log", level: "step", text: "Resolving", at: 0 };
      throw new Error("there is no package `nunpy`\nhint: numpy is close");
    },
  });
  render(App);
  await ready();
  await user.click(screen.getByTestId("welcome-open-script"));
  await screen.findByTestId("treemap");
  await user.click(screen.getByTestId("build"));
  const shown = await screen.findByTestId("build-failure");
  expect(shown.textContent).toContain("there is no package `nunpy`");
  expect(shown.textContent).toContain("numpy is close");
});

it("finds a command by a few letters", async () => {
  render(App);
  await ready();
  await user.keyboard("{Control>}k{/Control}");
  await user.type(await screen.findByTestId("palette-input"), "appdark{Enter}");
  await waitFor(() => expect(document.documentElement.dataset.theme).toBe("dark"));
  expect(screen.queryByTestId("palette")).toBeNull();
});

it("takes a question mark in a field for a question mark", async () => {
  render(App);
  await ready();
  await user.keyboard("{Control>},{/Control}");
  await user.type(screen.getByTestId("index-url"), "?");
  expect(screen.queryByTestId("help")).toBeNull();
  screen.getByTestId("index-url").blur();
  await user.keyboard("?");
  expect(screen.getByTestId("help")).toBeTruthy();
});

it("forgets a recent project with Delete", async () => {
  render(App);
  await ready();
  screen.getAllByTestId("recent")[0]!.focus();
  await user.keyboard("{Delete}");
  await waitFor(() => expect(screen.getAllByTestId("recent")).toHaveLength(2));
});

it("greets who has opened nothing yet", async () => {
  mockPython({ start: () => ({ ...start, recent: [] }) });
  render(App);
  await ready();
  expect(screen.getByText("Nothing yet")).toBeTruthy();
  expect(screen.queryByTestId("welcome-recent")).toBeNull();
});

it("verifies a sealed file", async () => {
  mockPython({ start: () => ({ ...start, open: "/home/ada/dist/ledger" }) });
  render(App);
  await screen.findByTestId("verify");
  await user.click(screen.getByTestId("verify"));
  expect((await screen.findByTestId("verified")).textContent).toContain("Every byte is as it was sealed");
});

it("says what a file that is not sealed is", async () => {
  mockPython({
    start: () => ({ ...start, open: "/home/ada/dist/ledger" }),
    inspect_file: () => Promise.reject(new Error("/home/ada/dist/ledger: not a sealed file")),
  });
  render(App);
  expect((await screen.findByTestId("inspection-failure")).textContent).toContain("not a sealed file");
});
