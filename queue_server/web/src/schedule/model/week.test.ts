import { describe, expect, it } from "vitest";
import type { Sitting } from "../wire";
import {
  add,
  change,
  copyDay,
  faultOf,
  faults,
  freePlace,
  isSame,
  moved,
  painted,
  remove,
  slotCount,
  stretched,
  toggled,
  USUAL,
  type Week,
  weekFrom,
  wireOf,
} from "./week";

const MORNING: Sitting = {
  ...USUAL,
  weekday: 1,
  start: "09:00",
  end: "12:00",
  endsNextDay: false,
};

const monday = (): Week => weekFrom([MORNING]);
const only = (week: Week) => {
  const [sitting] = week;
  if (!sitting) throw new Error("the week is empty");
  return sitting;
};

describe("a week", () => {
  it("travels as it came", () => {
    const night = { ...MORNING, weekday: 5, start: "22:00", end: "02:00", endsNextDay: true };
    expect(wireOf(weekFrom([night, MORNING]))).toEqual([MORNING, night]);
    const late = { ...MORNING, end: "00:00", endsNextDay: true };
    expect(wireOf(weekFrom([late]))).toEqual([late]);
  });

  it("is the same whatever order it was painted in", () => {
    const tuesday = { ...MORNING, weekday: 2 };
    expect(isSame(weekFrom([MORNING, tuesday]), weekFrom([tuesday, MORNING]))).toBe(true);
    expect(isSame(weekFrom([MORNING]), weekFrom([tuesday]))).toBe(false);
  });

  it("is the same whatever order its equipment was ticked in", () => {
    const ticked = (...ids: string[]): Week =>
      monday().map((one) => ({ ...one, equipmentIds: ids.reduce(toggled, one.equipmentIds) }));
    expect(isSame(ticked("a", "b"), ticked("b", "c", "a", "c"))).toBe(true);
    expect(isSame(ticked("a"), ticked("a", "a"))).toBe(false);
    expect(isSame(ticked("a", "a"), monday())).toBe(true);
  });

  it("copies a day over others, in place of theirs", () => {
    const week = weekFrom([MORNING, { ...MORNING, weekday: 2, start: "14:00", end: "18:00" }]);
    const copied = wireOf(copyDay(week, 1, [1, 2, 3]));
    expect(copied.map((one) => [one.weekday, one.start])).toEqual([
      [1, "09:00"],
      [2, "09:00"],
      [3, "09:00"],
    ]);
  });

  it("loses only what is taken away", () => {
    const { week, key } = add(monday(), { weekday: 3, start: 600, end: 660 }, USUAL);
    expect(wireOf(remove(week, key))).toEqual([MORNING]);
  });
});

describe("painting", () => {
  it("covers what was dragged over, in either direction", () => {
    expect(painted([], 3, 540, 720)).toEqual({ weekday: 3, start: 540, end: 720 });
    expect(painted([], 3, 720, 540)).toEqual({ weekday: 3, start: 540, end: 720 });
    expect(painted([], 3, 540, 541)).toEqual({ weekday: 3, start: 540, end: 555 });
  });

  it("stops at what is painted already", () => {
    expect(painted(monday(), 1, 780, 600)).toEqual({ weekday: 1, start: 720, end: 780 });
    expect(painted(monday(), 1, 480, 900)).toEqual({ weekday: 1, start: 480, end: 540 });
  });

  it("begins on no sitting", () => {
    expect(painted(monday(), 1, 600, 900)).toBeNull();
    expect(painted(monday(), 2, 600, 900)).not.toBeNull();
  });

  it("stays inside the day", () => {
    expect(painted([], 1, 1380, 2000)).toEqual({ weekday: 1, start: 1380, end: 1440 });
    expect(painted([], 1, 60, -200)).toEqual({ weekday: 1, start: 0, end: 60 });
  });
});

describe("moving", () => {
  it("keeps a sitting whole at the edges of the week", () => {
    const place = { weekday: 7, start: 1200, end: 1380 };
    expect(moved(place, { days: 1, minutes: 120 })).toEqual({ weekday: 7, start: 1260, end: 1440 });
    expect(moved(place, { minutes: -3000 })).toEqual({ weekday: 7, start: 0, end: 180 });
  });

  it("pulls one edge and leaves a quarter of an hour at least", () => {
    const place = { weekday: 1, start: 540, end: 720 };
    expect(stretched(place, "end", 780).end).toBe(780);
    expect(stretched(place, "end", 500).end).toBe(555);
    expect(stretched(place, "start", 900).start).toBe(705);
  });

  it("finds a free place for a sitting that is added by the keyboard", () => {
    expect(freePlace([], 2)).toEqual({ weekday: 2, start: 540, end: 720 });
    expect(freePlace(monday(), 1)).toEqual({ weekday: 1, start: 780, end: 960 });
  });
});

describe("slots of a sitting", () => {
  it("need no buffer behind the last one", () => {
    const hour = { ...USUAL, start: 540, end: 600 };
    expect(slotCount({ ...hour, slotMinutes: 20 })).toBe(3);
    expect(slotCount({ ...hour, slotMinutes: 15, bufferMinutes: 5 })).toBe(3);
    expect(slotCount({ ...hour, slotMinutes: 25, bufferMinutes: 10 })).toBe(2);
    expect(slotCount({ ...hour, slotMinutes: 0 })).toBe(0);
  });
});

describe("faults", () => {
  const told = (week: Week) => faults(week).map(({ field, message }) => `${field}: ${message}`);

  it("are none in a week that can be saved", () => {
    expect(told(weekFrom([MORNING, { ...MORNING, start: "12:00", end: "13:00" }]))).toEqual([]);
  });

  it.each([
    [{ end: 540 }, "end: The end must be after the start."],
    [{ slotMinutes: 200 }, "slotMinutes: A slot cannot be longer than its sitting."],
    [{ slotMinutes: 0 }, "slotMinutes: A slot takes 1 to 720 minutes."],
    [{ total: 0 }, "total: At least 1."],
    [{ total: 3 }, "total: Not more than in person and video together."],
    [{ tele: 2 }, "tele: More than in all."],
    [{ start: Number.NaN }, "start: Enter a time."],
  ])("name the field: %o", (wrong, message) => {
    const week = monday();
    expect(told(change(week, only(week).key, wrong))).toContain(message);
  });

  it("of the server find their sitting", () => {
    const week = weekFrom([MORNING, { ...MORNING, weekday: 2 }]);
    const told = faultOf(week, "sittings[1].end", "Too late.");
    expect(told).toEqual({ key: week[1]?.key, field: "end", message: "Too late." });
    expect(faultOf(week, "effectiveFrom", "Too far.")).toBeNull();
  });

  it("see overlaps, over midnight and over the week's end too", () => {
    const overlapping = { ...MORNING, start: "11:45", end: "13:00" };
    expect(told(weekFrom([MORNING, overlapping]))).toEqual(["start: Overlaps Monday 09:00–12:00."]);
    const night = { ...MORNING, weekday: 7, start: "22:00", end: "02:00", endsNextDay: true };
    const early = { ...MORNING, start: "01:00", end: "03:00" };
    expect(told(weekFrom([early, night]))).toEqual([
      "start: Overlaps Sunday 22:00–02:00 next day.",
    ]);
    const next = { ...MORNING, weekday: 2, start: "01:00", end: "03:00" };
    const evening = { ...MORNING, start: "22:00", end: "01:15", endsNextDay: true };
    expect(told(weekFrom([evening, next]))).toEqual([
      "start: Overlaps Monday 22:00–01:15 next day.",
    ]);
  });
});
