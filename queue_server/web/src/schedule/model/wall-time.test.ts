import { expect, test } from "vitest";
import {
  addDays,
  daysBetween,
  duration,
  isDate,
  minutesOf,
  minutesOn,
  mondayOf,
  span,
  wallClock,
  wallTime,
  weekdayOf,
  weekOf,
} from "./wall-time";

test("times become minutes and minutes times", () => {
  expect(minutesOf("09:30")).toBe(570);
  expect(wallTime(570)).toBe("09:30");
  expect(minutesOf("24:00")).toBe(1440);
  expect(wallTime(1440)).toBe("24:00");
  expect(minutesOf("noon")).toBeNaN();
  expect(minutesOf("09:75")).toBeNaN();
});

test("a sitting past midnight says so", () => {
  expect(span(540, 750)).toBe("09:00–12:30");
  expect(span(1320, 1560)).toBe("22:00–02:00 next day");
  expect(span(1320, 1440)).toBe("22:00–24:00");
});

test("durations read as people say them", () => {
  expect(duration(45)).toBe("45 min");
  expect(duration(180)).toBe("3 h");
  expect(duration(150)).toBe("2 h 30 min");
});

test("an instant stands where the clinic's clock shows it", () => {
  const instant = "2026-11-23T20:15:00Z";
  expect(wallClock(instant, "Europe/Copenhagen")).toEqual({ date: "2026-11-23", minutes: 1275 });
  expect(wallClock(instant, "Asia/Kolkata")).toEqual({ date: "2026-11-24", minutes: 105 });
});

test("an instant of the next day lies past the end of a date", () => {
  expect(minutesOn("2026-11-23", "2026-11-24T01:00:00Z", "UTC")).toBe(1500);
  expect(minutesOn("2026-11-23", "2026-11-22T23:00:00Z", "UTC")).toBe(-60);
});

test("after the clocks went back, nine in the morning is still at nine", () => {
  expect(minutesOn("2026-10-25", "2026-10-25T08:00:00Z", "Europe/Copenhagen")).toBe(540);
});

test("dates count in days, over the end of a month and a change of the clock", () => {
  expect(addDays("2026-10-24", 2)).toBe("2026-10-26");
  expect(addDays("2026-03-01", -1)).toBe("2026-02-28");
  expect(daysBetween("2026-10-24", "2026-11-02")).toBe(9);
});

test("a week begins on Monday, also for its Sunday", () => {
  expect(weekdayOf("2026-11-29")).toBe(7);
  expect(mondayOf("2026-11-29")).toBe("2026-11-23");
  expect(weekOf("2026-11-25")).toEqual([
    "2026-11-23",
    "2026-11-24",
    "2026-11-25",
    "2026-11-26",
    "2026-11-27",
    "2026-11-28",
    "2026-11-29",
  ]);
});

test("only a date is a date", () => {
  expect(isDate("2026-11-23")).toBe(true);
  expect(isDate("2026-13-23")).toBe(false);
  expect(isDate(null)).toBe(false);
});
