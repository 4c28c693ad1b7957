import { expect, it } from "vitest";
import type { OwnEntryView } from "../../generated/contract";
import { ANY, bodyOf, mistakesOfWish, type Wish, wishOf } from "./wish";

const ZONE = "Europe/Berlin";

it("asks for whole days by the clinic's clock, also where one has 23 hours", () => {
  const { requestedWindow } = bodyOf({ ...ANY, from: "2026-03-28", to: "2026-03-29" }, ZONE);
  expect(requestedWindow.start).toBe("2026-03-27T23:00:00.000Z");
  expect(requestedWindow.end).toBe("2026-03-29T22:00:00.000Z");
});

it("says nothing about what was left open, and parts in the order of the day", () => {
  expect(bodyOf(ANY, ZONE)).toEqual({
    requestedWindow: { start: null, end: null, partsOfDay: [] },
    mode: null,
    shortNotice: false,
    notes: "",
  });
  const parts = ["evening", "morning"] as const;
  expect(bodyOf({ ...ANY, parts }, ZONE).requestedWindow.partsOfDay).toEqual([
    "morning",
    "evening",
  ]);
});

it("reads back what it has asked for", () => {
  const wish: Wish = {
    from: "2026-10-24",
    to: "2026-10-25",
    parts: ["afternoon"],
    mode: "tele",
    shortNotice: true,
    notes: "Not on Mondays",
  };
  const entry = bodyOf(wish, ZONE) as unknown as OwnEntryView;
  expect(wishOf(entry, ZONE)).toEqual(wish);
});

it.each([
  [{ to: "2026-03-01" }, { to: "waitlist_dates_past" }],
  [{ from: "2026-03-20", to: "2026-03-10" }, { to: "waitlist_dates_wrong" }],
  [{ from: "2026-03-01", to: "2026-03-02" }, {}],
  [{}, {}],
])("finds in %j the mistakes %j", (wish, mistakes) => {
  expect(mistakesOfWish({ ...ANY, ...wish }, "2026-03-02")).toEqual(mistakes);
});
