import { expect, test } from "vitest";
import { badgesOf } from "../../shared/badges";
import { entry, NOW, queue } from "./fixtures";
import { ordinal, sentence } from "./words";

const words = (change: Parameters<typeof entry>[1]) =>
  badgesOf(entry("A", change)).map((badge) => badge.word);

test("the state comes first, urgency next", () => {
  expect(words({ triage: 2, late: true })).toEqual(["Here", "2 urgent", "late"]);
  expect(words({ state: "expected", early: true })).toEqual(["Not here yet", "early"]);
});

test("a skip explains the pin, a move is told", () => {
  expect(words({ pinned: true, skips: 1 })).toEqual(["Here", "skipped"]);
  expect(words({ pinned: true })).toEqual(["Here", "moved"]);
});

test("a running grace counts down", () => {
  const until = "2025-03-03T09:45:00Z";
  const grace = badgesOf(entry("A", { graceUntil: until })).find((badge) => badge.until);
  expect(grace).toMatchObject({ until, tone: "warn" });
});

test("a call is told with the patient and the room", () => {
  const said = sentence(
    { name: "call-next", lane: "doctor", body: { doctorId: "doctor" } },
    queue([entry("P18", { name: "Mei Chen" })]),
    NOW,
    String,
  );
  expect(said).toBe("P18 Mei Chen called to Room 4");
});

test("a no-show is told with the time that is left to come", () => {
  const said = (gracePeriod?: number) =>
    sentence(
      {
        name: "no-show",
        lane: "doctor",
        body: { appointmentId: "A", ...(gracePeriod !== undefined && { gracePeriod }) },
      },
      queue([entry("A", { name: "Mei Chen" })]),
      NOW,
      String,
    );
  expect(said()).toBe("A Mei Chen has until 10:45 to come");
  expect(said(0)).toBe("A Mei Chen marked as no-show");
});

test.each([
  [1, "1st"],
  [2, "2nd"],
  [3, "3rd"],
  [11, "11th"],
  [22, "22nd"],
])("%i is %s", (place, word) => {
  expect(ordinal(place)).toBe(word);
});
