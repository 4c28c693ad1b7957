import { expect, it } from "vitest";
import { minutesWords, share, sparkPoints, withPoint } from "./tiles";

it("tells minutes in the unit that fits, and nothing as a dash", () => {
  expect([null, 12.4, 89, 120, 4320].map(minutesWords)).toEqual([
    "–",
    "12 min",
    "89 min",
    "2 h",
    "3 days",
  ]);
  expect([null, 0.718].map(share)).toEqual(["–", "72 %"]);
});

it("keeps the end of a trail", () => {
  expect(withPoint([1, 2, 3], 4, 3)).toEqual([2, 3, 4]);
});

it("draws a trail from the bottom to the top of its box", () => {
  expect(sparkPoints([0, 10, 5], 100, 20)).toBe("0.0,20.0 50.0,0.0 100.0,10.0");
  expect(sparkPoints([3, 3], 100, 20)).toBe("0.0,10.0 100.0,10.0");
  expect(sparkPoints([3], 100, 20)).toBe("");
});
