import { expect, it } from "vitest";
import type { WaitlistDay } from "../../../../generated/contract";
import { daysOf, decimal, evenWords } from "./figures";

const EMPTY: WaitlistDay = {
  clinicId: "north",
  date: "2030-01-01",
  depth: 0,
  joined: 0,
  invited: 0,
  accepted: 0,
  declined: 0,
  unanswered: 0,
  withdrawn: 0,
  promoted: 0,
  promotedByHand: 0,
  promotedAutomatically: 0,
  expired: 0,
  cancelled: 0,
  avgWaitMinutes: null,
  offersPerFill: null,
  avgMinutesToFill: null,
  conversionRate: null,
};

it("keeps how many wait over days on which nothing happened, and adds clinics up", () => {
  const days = [
    { ...EMPTY, date: "2030-01-02", depth: 4, joined: 4 },
    { ...EMPTY, date: "2030-01-03", clinicId: "south", depth: 3, joined: 3 },
    { ...EMPTY, date: "2030-01-05", depth: 2, promoted: 2, avgMinutesToFill: 6 },
  ];
  const found = daysOf(days, "2030-01-01", "2030-01-05");
  expect(found.map(({ depth }) => depth)).toEqual([null, 4, 7, 7, 5]);
  expect(found.map(({ promoted }) => promoted)).toEqual([0, 0, 0, 0, 2]);
  expect(found[4]).toMatchObject({ label: "5 Jan", minutesToFill: 6, conversion: null });
});

it("weighs averages of clinics by how many they are of", () => {
  const days = [
    { ...EMPTY, promoted: 3, avgMinutesToFill: 10 },
    { ...EMPTY, clinicId: "south", promoted: 1, avgMinutesToFill: 30 },
  ];
  expect(daysOf(days, "2030-01-01", "2030-01-01")[0]?.minutesToFill).toBe(15);
});

it("says how even waits are", () => {
  const of = (jain: number | null, waits = 5) =>
    evenWords({ waits, jain, gini: null, longest: null, insideTarget: null });
  expect([of(0.95), of(0.8), of(0.3), of(null, 0)]).toEqual([
    "Very even",
    "Even",
    "Uneven",
    "Nobody yet",
  ]);
  expect(decimal(null)).toBe("–");
});
