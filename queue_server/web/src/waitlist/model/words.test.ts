import { describe, expect, it } from "vitest";
import type { RequestedWindowView } from "../../generated/contract";
import { waiting } from "../testing";
import { ANY_TIME, wishBody, wishFaults } from "./wish";
import { daysWords, pointsWords, rankWords, reasonWords, wishWords } from "./words";

describe("why somebody stands where they do", () => {
  it("says how a day of waiting counts", () => {
    const waited = { code: "waited", points: 48, days: 12.4 } as const;
    expect(reasonWords(waited, "routine")).toBe("Has waited 12 days");
    expect(reasonWords(waited, "urgent")).toContain("four times");
    expect(pointsWords(48)).toBe("+48.0");
  });

  it("names the reason of staff before any other", () => {
    const entry = waiting("a", { isOverdue: true, overrideReason: "Flies home on Friday" });
    expect(rankWords(entry)).toContain("Flies home on Friday");
    expect(rankWords(waiting("b", { isOverdue: true }))).toContain("the oldest first");
  });

  it("tells waits in the unit that fits", () => {
    expect([0.01, 0.5, 1, 1.9, 30].map(daysWords)).toEqual([
      "under 1 h",
      "12 h",
      "1 day",
      "1 day",
      "30 days",
    ]);
  });
});

describe("what somebody wishes for", () => {
  it("reads by the clinic's clock", () => {
    const window: RequestedWindowView = {
      start: "2030-01-06T23:00:00Z",
      end: null,
      partsOfDay: ["morning", "evening"],
    };
    expect(wishWords(window, "Europe/Berlin")).toBe("mornings or evenings, from Mon 7 Jan");
    expect(wishWords({ start: null, end: null, partsOfDay: [] }, "UTC")).toBe("any time");
  });

  it("is sent as whole days of the clinic's clock", () => {
    const draft = { ...ANY_TIME, from: "2030-01-07", until: "2030-01-08" };
    expect(wishBody(draft, "Europe/Berlin").requestedWindow).toEqual({
      start: "2030-01-06T23:00:00.000Z",
      end: "2030-01-08T23:00:00.000Z",
      partsOfDay: [],
    });
  });

  it("is not over before it begins", () => {
    const wish = { ...ANY_TIME, from: "2030-01-09", until: "2030-01-08" };
    expect(wishFaults(wish, "2030-01-07")[0]?.field).toBe("requestedWindow.end");
    expect(wishFaults({ ...wish, from: "" }, "2030-01-09")).toHaveLength(1);
    expect(wishFaults(ANY_TIME, "2030-01-07")).toEqual([]);
  });
});
