import { expect, it } from "vitest";

import { mockPython } from "../../tests/mock";
import { SpeedState } from "./speed.svelte";

const profiled = async (): Promise<SpeedState> => {
  const state = new SpeedState("/home/ada/work/words");
  await state.start();
  return state;
};

it("profiles, and looks at the hottest function of the author's own", async () => {
  const state = await profiled();
  expect(state.profiling.status).toBe("done");
  expect(state.looked?.name).toBe("distance");
  expect(state.output.list.map(({ text }) => text)).toContain("hello");
});

it("does not run the app twice at once", async () => {
  let runs = 0;
  mockPython({
    profile: async function* () {
      runs += 1;
    },
  });
  const state = new SpeedState("/p");
  await Promise.all([state.start(), state.start(), state.measure(0)]);
  expect(runs).toBe(1);
});

it("is stopped, and shows what was seen", async () => {
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const { profile } = await import("../../tests/profile");
  mockPython({
    profile: async function* () {
      await finished;
      yield { kind: "profiled", profile: { ...profile, exit: null } };
    },
    finish: () => {
      finish();
      return null;
    },
  });
  const state = new SpeedState("/p");
  const done = state.start();
  await state.stop();
  await done;
  expect(state.profile?.exit).toBeNull();
});

it("measures a function, and forgets it with the next profile", async () => {
  const state = await profiled();
  await state.measure(0);
  expect(state.gains.get(0)?.factor).toBeCloseTo(77.4);
  await state.start();
  expect(state.gains.size).toBe(0);
});

it("says why a function was not measured", async () => {
  const state = await profiled();
  mockPython({
    measure: async function* () {
      throw new Error("f was not measured: the app ended without calling it\nhint: call it");
    },
  });
  await state.measure(1);
  expect(state.measuring.failure).toEqual({ message: "f was not measured: the app ended without calling it", hint: "call it" });
  expect(state.measured).toBe(1);
});
