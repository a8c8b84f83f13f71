import { expect, it } from "vitest";

import { mockPython } from "../../tests/mock";
import { ProjectState } from "./project.svelte";

const open = async (): Promise<ProjectState> => {
  const state = new ProjectState("/home/ada/work/words");
  await state.open();
  return state;
};

it("opens, then looks at what would go in", async () => {
  const state = await open();
  expect(state.project?.name).toBe("words");
  expect(state.analysis?.parts.length).toBeGreaterThan(3);
  expect(state.analysing.status).toBe("done");
});

it("says why a project cannot be opened", async () => {
  mockPython({ open_project: () => Promise.reject(new Error("there is nothing to run\nhint: write __main__.py")) });
  const state = await open();
  expect(state.failure).toEqual({ message: "there is nothing to run", hint: "write __main__.py" });
  expect(state.analysing.status).toBe("idle");
});

it("builds, and keeps the log", async () => {
  const state = await open();
  await state.build();
  expect(state.building.status).toBe("done");
  expect(state.sealed?.path).toMatch(/dist\/words$/);
  expect(state.log.list.map(({ tone }) => tone)).toContain("warning");
});

it("cancels a build, and seals nothing", async () => {
  mockPython({}, 1000);
  const state = new ProjectState("/p");
  const done = state.build();
  await new Promise((resolve) => setTimeout(resolve, 20));
  state.building.cancel();
  await done;
  expect(state.building.status).toBe("cancelled");
  expect(state.sealed).toBeNull();
  expect(state.log.list.at(-1)?.text).toBe("Cancelled");
});

it("does not build twice at once", async () => {
  let builds = 0;
  mockPython({
    build: async function* () {
      builds += 1;
    },
  });
  const state = await open();
  await Promise.all([state.build(), state.build()]);
  expect(builds).toBe(1);
});

it("runs what was built and shows what it prints", async () => {
  const state = await open();
  await state.run();
  expect(state.output.list).toEqual([]);
  await state.build();
  await state.run();
  expect(state.shown).toBe("run");
  expect(state.output.list.map(({ text, tone }) => [text, tone])).toEqual([["line 1", "plain"], ["line 2", "plain"], ["line 3", "error"]]);
  expect(state.exit).toBe(0);
});

it("does not fetch packages twice: a build takes over from the first look", async () => {
  mockPython({}, 30);
  const state = new ProjectState("/p");
  const looking = state.open();
  await new Promise((resolve) => setTimeout(resolve, 10));
  const building = state.build();
  await looking;
  expect(state.analysing.status).toBe("cancelled");
  await building;
  expect(state.sealed).not.toBeNull();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(state.analysis).not.toBeNull();
});
