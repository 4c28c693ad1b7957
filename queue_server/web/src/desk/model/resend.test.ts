import { expect, test } from "vitest";
import type { DeskCommand } from "./command";
import { entry, NOW, queue } from "./fixtures";
import { meansTheSame } from "./resend";

const checkIn: DeskCommand = { name: "check-in", lane: "doctor", body: { appointmentId: "A" } };
const move: DeskCommand = {
  name: "move",
  lane: "doctor",
  body: { appointmentId: "A", newPosition: 2 },
};
const callNext: DeskCommand = { name: "call-next", lane: "doctor", body: { doctorId: "doctor" } };
const before = queue([entry("A"), entry("B"), entry("C")]);

test("a check-in still holds when others moved, not when the patient was called", () => {
  const moved = queue([entry("B"), entry("A"), entry("C")]);
  expect(meansTheSame(checkIn, before, moved, NOW)).toBe(true);
  const called = queue([entry("A", { state: "called" }), entry("B"), entry("C")]);
  expect(meansTheSame(checkIn, before, called, NOW)).toBe(false);
});

test("a move holds only in the very line that was seen", () => {
  expect(meansTheSame(move, before, queue([entry("A"), entry("C"), entry("B")]), NOW)).toBe(false);
  expect(meansTheSame(move, before, { ...before, version: 9 }, NOW)).toBe(true);
});

test("call next holds while it would call the same patient", () => {
  const left = queue([entry("A"), entry("C")]);
  expect(meansTheSame(callNext, before, left, NOW)).toBe(true);
  expect(meansTheSame(callNext, before, queue([entry("B"), entry("C")]), NOW)).toBe(false);
});
