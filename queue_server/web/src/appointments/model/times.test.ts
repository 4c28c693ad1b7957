import { describe, expect, it } from "vitest";
import type { ClinicCalendarView, PartOfDay, SlotStatus } from "../../generated/contract";
import { byPart, freeByDay, isFree, nearest, notBefore, timeWords } from "./times";

function slot(clock: string, left = { inPerson: 1, tele: 0 }, status: SlotStatus = "free") {
  return {
    id: clock,
    start: `2026-11-23T${clock}:00Z`,
    doctorName: "Dr Alder",
    partOfDay: (clock < "12" ? "morning" : "afternoon") as PartOfDay,
    remaining: left,
    status,
  };
}

describe("the state of a time", () => {
  it("is free in the way that has a place left, and says which way has none", () => {
    const byVideo = slot("09:00", { inPerson: 0, tele: 2 });
    expect(isFree(byVideo, "tele")).toBe(true);
    expect(timeWords(byVideo, "tele")).toBe("2 free");
    expect(isFree(byVideo, "in_person")).toBe(false);
    expect(timeWords(byVideo, "in_person")).toBe("by video only");
    expect(timeWords(slot("09:00"), "tele")).toBe("not by video");
  });

  it("tells what somebody else is about to book from what is full", () => {
    const none = { inPerson: 0, tele: 0 };
    expect(timeWords(slot("09:00", none, "held"), "in_person")).toBe("being booked");
    expect(timeWords(slot("09:00", none, "full"), "in_person")).toBe("full");
  });
});

it("groups times by the part of the day, in the order of the clock", () => {
  const groups = byPart([slot("14:00"), slot("10:00"), slot("09:00")]);
  expect(groups.map(({ part, slots }) => [part, slots.map(({ id }) => id)])).toEqual([
    ["morning", ["09:00", "10:00"]],
    ["afternoon", ["14:00"]],
  ]);
});

it("offers the nearest free times, of two as near the later one first, and none that are taken", () => {
  const taken = slot("10:00", { inPerson: 0, tele: 0 }, "full");
  const slots = [slot("08:00"), slot("09:30"), taken, slot("10:30"), slot("15:00")];
  expect(nearest(slots, taken.start, "in_person").map(({ id }) => id)).toEqual([
    "10:30",
    "09:30",
    "08:00",
  ]);
});

it("never looks at a day that is over", () => {
  expect(notBefore("2026-11-20", "2026-11-21")).toBe("2026-11-21");
  expect(notBefore("2026-12-01", "2026-11-21")).toBe("2026-12-01");
});

it("counts the days' free times in the way of meeting, of one doctor or of all", () => {
  const day = (date: string, freeInPerson: number, freeTele: number) => ({
    date,
    slots: { total: 24, free: 24, booked: 0, blocked: 0, freeInPerson, freeTele },
  });
  const calendar = {
    doctors: [
      { doctorId: "alder", days: [day("2026-11-23", 24, 12), day("2026-11-24", 24, 0)] },
      { doctorId: "birch", days: [day("2026-11-23", 10, 2)] },
    ],
  } as unknown as ClinicCalendarView;
  expect([...freeByDay(calendar, "alder", "tele")]).toEqual([
    ["2026-11-23", 12],
    ["2026-11-24", 0],
  ]);
  expect(freeByDay(calendar, "", "tele").get("2026-11-23")).toBe(14);
  expect(freeByDay(calendar, "", "in_person").get("2026-11-23")).toBe(34);
});
