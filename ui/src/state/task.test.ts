import { expect, it, vi } from "vitest";

import { Task } from "./task.svelte";

it("ends well", async () => {
  const task = new Task();
  const done = task.run(async ({ onProgress }) => onProgress({ fraction: 0.5, message: "half" }));
  expect(task.running).toBe(true);
  await done;
  expect(task).toMatchObject({ status: "done", fraction: 0.5, message: "half", failure: null });
});

it("says what went wrong, with its hint", async () => {
  const task = new Task();
  await task.run(() => Promise.reject(new Error("numpy has no wheel\nhint: ask for an older one")));
  expect(task.status).toBe("failed");
  expect(task.failure).toEqual({ message: "numpy has no wheel", hint: "ask for an older one" });
});

it("is cancelled when asked to be", async () => {
  const task = new Task();
  const done = task.run(
    ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("gone")))),
  );
  task.cancel();
  await done;
  expect(task).toMatchObject({ status: "cancelled", failure: null });
});

it("is not touched by what an earlier run still says", async () => {
  const task = new Task();
  let report = (_: { fraction: number; message: string }): void => {};
  let fail = (): void => {};
  const first = task.run(({ onProgress }) => {
    report = onProgress;
    return new Promise((_, reject) => (fail = () => reject(new Error("late"))));
  });
  const second = task.run(async () => {});
  report({ fraction: 0.9, message: "old" });
  fail();
  await Promise.all([first, second]);
  expect(task).toMatchObject({ status: "done", message: "", failure: null });
});

it("counts the seconds", async () => {
  vi.useFakeTimers();
  const task = new Task();
  const done = task.run(() => new Promise((resolve) => setTimeout(resolve, 1000)));
  await vi.advanceTimersByTimeAsync(600);
  expect(task.seconds).toBeGreaterThan(0.3);
  await vi.advanceTimersByTimeAsync(600);
  await done;
  vi.useRealTimers();
});
