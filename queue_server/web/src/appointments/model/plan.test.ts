import { expect, it } from "vitest";
import type { Mode } from "../../generated/contract";
import { assign, choicesFor, type Movable } from "./plan";

const instant = (clock: string): string => `2026-11-23T${clock}:00Z`;

function visit(appointmentId: string, clock: string, mode: Mode = "in_person"): Movable {
  return { appointmentId, start: instant(clock), doctorId: "away", mode };
}

function slot(clock: string, inPerson = 1, tele = 0, doctorId = "here") {
  const remaining = { inPerson, tele };
  return {
    id: `${doctorId}-${clock}`,
    doctorId,
    start: instant(clock),
    remaining,
    status: "free" as const,
  };
}

function planned(plan: Map<string, { id: string } | null>): Record<string, string | null> {
  return Object.fromEntries([...plan].map(([id, to]) => [id, to?.id ?? null]));
}

it("gives each patient the nearest time, the earliest patient first, and no place twice", () => {
  const plan = assign(
    [visit("b", "09:30"), visit("a", "09:00"), visit("c", "10:00")],
    [slot("09:00"), slot("10:00"), slot("11:00")],
  );
  expect(planned(plan)).toEqual({ a: "here-09:00", b: "here-10:00", c: "here-11:00" });
});

it("puts two into a time that takes two", () => {
  const plan = assign([visit("a", "09:00"), visit("b", "09:00")], [slot("09:00", 2)]);
  expect(planned(plan)).toEqual({ a: "here-09:00", b: "here-09:00" });
});

it("does not promise a place by video and one in person where but one is left", () => {
  const plan = assign([visit("a", "09:00"), visit("b", "09:00", "tele")], [slot("09:00", 1, 1)]);
  expect(planned(plan)).toEqual({ a: "here-09:00", b: null });
});

it("says for whom nothing is left", () => {
  const plan = assign([visit("a", "09:00"), visit("b", "09:30")], [slot("09:00")]);
  expect(planned(plan)).toEqual({ a: "here-09:00", b: null });
});

it("leaves what was chosen by hand alone, and plans the others around it", () => {
  const [nine, ten] = [slot("09:00"), slot("10:00")];
  const chosen = new Map([["b", nine]]);
  const plan = assign([visit("a", "09:00"), visit("b", "10:00")], [nine, ten], chosen);
  expect(planned(plan)).toEqual({ b: "here-09:00", a: "here-10:00" });
});

it("never moves an appointment to the time that it has", () => {
  const own = slot("09:00", 1, 0, "away");
  expect(planned(assign([visit("a", "09:00")], [own]))).toEqual({ a: null });
  expect(choicesFor(visit("a", "09:00"), [own, slot("10:00")], 9).map(({ id }) => id)).toEqual([
    "here-10:00",
  ]);
});
