import { expect, it } from "vitest";

import { visible } from "./virtual";

it("draws what is seen and a little more", () => {
  expect(visible(10_000, 28, 2800, 280, 8)).toEqual({ first: 92, end: 118 });
});
it("stays within the list", () => {
  expect(visible(5, 28, 0, 280)).toEqual({ first: 0, end: 5 });
  // The list became short while it was scrolled far down.
  expect(visible(3, 28, 9000, 280)).toEqual({ first: 3, end: 3 });
  expect(visible(0, 28, 0, 280)).toEqual({ first: 0, end: 0 });
});
