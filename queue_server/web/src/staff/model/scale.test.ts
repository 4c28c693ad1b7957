import { expect, it } from "vitest";
import { everyNth, roundScale } from "./scale";

it("ends at a round number above all values", () => {
  expect(roundScale(7)).toEqual({ top: 8, steps: [0, 2, 4, 6, 8] });
  expect(roundScale(0)).toEqual({ top: 1, steps: [0, 1] });
  expect(roundScale(3).steps).toEqual([0, 1, 2, 3]);
  expect(roundScale(230).top).toBe(300);
});

it("leaves out labels that would not fit", () => {
  expect(everyNth(30, 8)).toBe(4);
  expect(everyNth(3, 8)).toBe(1);
});
