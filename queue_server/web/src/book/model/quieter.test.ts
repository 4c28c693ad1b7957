import { expect, it } from "vitest";
import type { SlotView, Suggestion } from "../../generated/contract";
import { quieter } from "./quieter";

function slot(clock: string, inPerson: number, tele = 0): SlotView {
  const status = inPerson + tele > 0 ? "free" : "full";
  return {
    id: clock,
    start: `2026-11-23T${clock}:00Z`,
    status,
    remaining: { inPerson, tele },
  } as SlotView;
}

function hour(from: string, to: string): Suggestion {
  return { start: `2026-11-23T${from}:00Z`, end: `2026-11-23T${to}:00Z` } as Suggestion;
}

const HOURS = [
  hour("14:00", "15:00"),
  hour("09:00", "10:00"),
  hour("10:00", "11:00"),
  hour("11:00", "12:00"),
];

it("names the best hours in their order, each with its first free time, three at most", () => {
  const slots = ["09:00", "09:30", "10:00", "11:00", "14:30"].map((clock) => slot(clock, 1));
  const best = quieter(HOURS, slots, "in_person");
  expect(best.map(({ first }) => first.id)).toEqual(["14:30", "09:00", "10:00"]);
});

it("names no hour in which nothing is free any more, or not in this way", () => {
  const slots = [slot("09:00", 0), slot("09:30", 0, 1), slot("10:00", 1), slot("15:00", 1)];
  expect(quieter(HOURS, slots, "in_person").map(({ first }) => first.id)).toEqual(["10:00"]);
  expect(quieter(HOURS, slots, "tele").map(({ first }) => first.id)).toEqual(["09:30"]);
});
