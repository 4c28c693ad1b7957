import { describe, expect, it } from "vitest";
import { waiting } from "../testing";
import { mayOffer, modeAt, respondBy, unfitAt } from "./fit";

const NOW = Date.parse("2030-01-07T08:00:00Z");
const POLICY = { minLeadMinutes: 120, excludedVisitTypes: ["procedure"] };
const SLOT = {
  doctorId: "d",
  start: "2030-01-08T09:00:00Z",
  partOfDay: "morning",
  remaining: { inPerson: 1, tele: 0 },
} as const;

describe("whether a free time is for somebody", () => {
  it("is for who would come at any time", () => {
    expect(unfitAt(waiting("a"), SLOT, POLICY, NOW)).toBeNull();
  });

  it.each([
    [{ doctorId: "other" }, "other_doctor"],
    [{ mode: "tele" as const }, "other_mode"],
    [
      { requestedWindow: { start: "2030-01-09T00:00:00Z", end: null, partsOfDay: [] } },
      "outside_window",
    ],
    [{ requestedWindow: { start: null, end: SLOT.start, partsOfDay: [] } }, "outside_window"],
    [
      { requestedWindow: { start: null, end: null, partsOfDay: ["evening" as const] } },
      "other_part_of_day",
    ],
    [{ visitType: "procedure" }, "excluded_visit_type"],
  ])("says why it is not: %o", (wish, why) => {
    expect(unfitAt(waiting("a", wish), SLOT, POLICY, NOW)).toBe(why);
  });

  it("lets staff offer what only the list would not", () => {
    const soon = { ...SLOT, start: "2030-01-07T09:00:00Z" };
    const why = unfitAt(waiting("a"), soon, POLICY, NOW);
    expect(why).toBe("too_short_notice");
    expect(mayOffer(why)).toBe(true);
    expect(mayOffer("outside_window")).toBe(false);
  });

  it("meets them by video only where they want that or nothing else is free", () => {
    const video = { remaining: { inPerson: 0, tele: 1 } };
    expect(modeAt({ mode: null }, SLOT)).toBe("in_person");
    expect(modeAt({ mode: null }, video)).toBe("tele");
    expect(modeAt({ mode: "in_person" }, video)).toBeNull();
  });
});

describe("the time to answer", () => {
  it("is the policy's, and never more than half of the time that is left", () => {
    expect(respondBy("2030-01-08T09:00:00Z", 30, NOW)).toBe("2030-01-07T08:30:00.000Z");
    expect(respondBy("2030-01-07T08:20:00Z", 30, NOW)).toBe("2030-01-07T08:10:00.000Z");
  });
});
