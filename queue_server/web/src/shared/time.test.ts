import { expect, test } from "vitest";
import { age, clockTime, countdown, instantAt, runningTime } from "./time";

test("clock times read in the clinic's zone", () => {
  expect(clockTime("2025-03-03T08:15:00Z", "Europe/Copenhagen")).toBe("09:15");
  expect(clockTime("2025-03-03T08:15:00Z", "Asia/Kolkata")).toBe("13:45");
});

test("running times show hours only when there are any", () => {
  const start = "2025-03-03T08:00:00Z";
  expect(runningTime(start, Date.parse(start) + 247_000)).toBe("4:07");
  expect(runningTime(start, Date.parse(start) + 3_729_000)).toBe("1:02:09");
  expect(runningTime(start, Date.parse(start) - 5_000)).toBe("0:00");
  expect(countdown(-1)).toBe("0:00");
});

test("an age is told in the largest unit that fits", () => {
  expect(age(0, 2_000)).toBe("just now");
  expect(age(0, 40_000)).toBe("40 s ago");
  expect(age(0, 190_000)).toBe("3 min ago");
  expect(age(0, 7_300_000)).toBe("2 h ago");
});

test("a wall time becomes an instant on both sides of the change of clocks", () => {
  const iso = (date: string, time: string) =>
    new Date(instantAt(date, time, "Europe/Copenhagen")).toISOString();
  expect(iso("2025-03-29", "09:00")).toBe("2025-03-29T08:00:00.000Z");
  expect(iso("2025-03-30", "09:00")).toBe("2025-03-30T07:00:00.000Z");
  expect(iso("2025-10-26", "09:00")).toBe("2025-10-26T08:00:00.000Z");
});
