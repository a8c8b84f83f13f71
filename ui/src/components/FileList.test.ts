import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";

import FileList from "./FileList.svelte";

const files = Array.from({ length: 5000 }, (_, i) => ({ path: `lib/file${i}.py`, detail: "numpy", size: 2 * i, stored: i }));
const show = (): void => {
  render(FileList, { files, what: "file", many: "files", empty: "No files." });
};

it("draws only the rows that can be seen", () => {
  show();
  const rows = screen.getAllByTestId("file");
  expect(rows.length).toBeLessThan(60);
  expect(rows[0]?.textContent).toContain("file4999.py");
});

it("filters by name and says how many are left", async () => {
  show();
  await userEvent.type(screen.getByTestId("filter"), "FILE123");
  expect(screen.getByTestId("found").textContent).toBe("11 of 5\u2009000 files");
  await userEvent.type(screen.getByTestId("filter"), "nothing");
  expect(screen.getByText(/has “FILE123nothing” in its name/)).toBeTruthy();
});

it("sorts by name when asked", async () => {
  show();
  await userEvent.click(screen.getByTestId("order"));
  expect(screen.getAllByTestId("file")[0]?.textContent).toContain("file0.py");
});
