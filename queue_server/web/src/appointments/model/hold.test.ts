import { expect, it } from "vitest";
import { holdLeft, holdStage } from "./hold";

const END = "2026-11-23T09:30:00Z";
const at = (clock: string): number => Date.parse(`2026-11-23T${clock}Z`);

it.each([
  ["09:00:00", "held"],
  ["09:28:00", "held"],
  ["09:28:01", "ending"],
  ["09:29:59", "ending"],
  ["09:30:00", "over"],
] as const)("at %s a hold until half past nine is %s", (clock, stage) => {
  expect(holdStage(END, at(clock))).toBe(stage);
});

it("has nothing left when it is over", () => {
  expect(holdLeft(END, at("09:29:00"))).toBe(60_000);
  expect(holdLeft(END, at("10:00:00"))).toBe(0);
});
