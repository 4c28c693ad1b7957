import { expect, it } from "vitest";
import { feeOf } from "./fee";

const fees = { currency: "EUR", consultation: 4500, followUp: 2500, tele: 3000 };

it("costs less by video, and a follow-up its own fee in either way", () => {
  expect(feeOf(fees, "consultation", "in_person")).toBe(4500);
  expect(feeOf(fees, "consultation", "tele")).toBe(3000);
  expect(feeOf(fees, "follow_up", "tele")).toBe(2500);
});

it("costs what any visit does where there is no fee of its own, and nothing without fees", () => {
  const one = { ...fees, followUp: null, tele: null };
  expect(feeOf(one, "follow_up", "tele")).toBe(4500);
  expect(feeOf(null, "consultation", "in_person")).toBe(0);
});
