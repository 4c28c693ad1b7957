import { describe, expect, test } from "vitest";
import type { DeskCommand } from "./command";
import { entry, NOW, queue } from "./fixtures";
import { nextToCall, predict, predictArrival } from "./predict";

const forEntry = (name: "check-in" | "complete" | "skip" | "start" | "cancel", id: string) =>
  ({ name, lane: "doctor", body: { appointmentId: id } }) as DeskCommand;
const callNext: DeskCommand = { name: "call-next", lane: "doctor", body: { doctorId: "doctor" } };
const move = (id: string, newPosition: number): DeskCommand => ({
  name: "move",
  lane: "doctor",
  body: { appointmentId: id, newPosition },
});
const find = (from: ReturnType<typeof queue>, id: string) =>
  from.entries.find((one) => one.id === id);

describe("call next", () => {
  test("calls the first callable and marks absent ones ahead as passed over", () => {
    const before = queue([entry("A", { state: "expected", callable: false }), entry("B")]);
    const after = predict(before, callNext, NOW);
    expect(after.line).toEqual(["A"]);
    expect(find(after, "B")).toMatchObject({ state: "called", position: 0 });
    expect(find(after, "A")).toMatchObject({ passedOver: true, position: 1 });
    expect(after.header.lastCalled).toBe("B");
  });

  test("takes somebody early only when nobody is callable", () => {
    const window = "2025-03-03T10:00:00Z";
    const early = entry("A", { callable: false, window });
    expect(nextToCall(queue([early, entry("B")]), NOW)?.id).toBe("B");
    expect(nextToCall(queue([early]), NOW)?.id).toBe("A");
    expect(nextToCall(queue([early]), NOW - 60_000)).toBeUndefined();
  });

  test("changes nothing while somebody is called: the server will refuse", () => {
    const before = queue([entry("A", { state: "called" }), entry("B")]);
    expect(predict(before, callNext, NOW)).toBe(before);
  });
});

describe("move", () => {
  test("puts the patient exactly there, pinned, and renumbers everybody", () => {
    const after = predict(queue([entry("A"), entry("B"), entry("C")]), move("C", 1), NOW);
    expect(after.line).toEqual(["C", "A", "B"]);
    expect(after.entries.map((one) => one.position)).toEqual([2, 3, 1]);
    expect(find(after, "C")?.pinned).toBe(true);
  });

  test.each([0, 4])("leaves the line alone for place %i of 3", (place) => {
    const before = queue([entry("A"), entry("B"), entry("C")]);
    expect(predict(before, move("A", place), NOW)).toBe(before);
  });
});

describe("skip", () => {
  test("goes behind the next two callable", () => {
    const line = [entry("A"), entry("E"), entry("B"), entry("D")];
    const after = predict(queue(line), forEntry("skip", "A"), NOW);
    expect(after.line).toEqual(["E", "B", "A", "D"]);
  });

  test("a called patient goes behind two callable from the head, over absent ones", () => {
    const absent = entry("X", { state: "expected", callable: false });
    const before = queue([entry("C", { state: "called" }), entry("A"), absent, entry("B")]);
    expect(predict(before, forEntry("skip", "C"), NOW).line).toEqual(["A", "X", "B", "C"]);
  });

  test("with nobody callable a waiting patient stays and a called one takes the head", () => {
    const absent = entry("X", { state: "expected", callable: false });
    const waiting = queue([absent, entry("A")]);
    expect(predict(waiting, forEntry("skip", "A"), NOW).line).toEqual(["X", "A"]);
    const called = queue([entry("A", { state: "called" }), absent]);
    expect(predict(called, forEntry("skip", "A"), NOW).line).toEqual(["A", "X"]);
  });

  test("a third time is left to the server to refuse", () => {
    const before = queue([entry("A", { skips: 2 }), entry("B")]);
    expect(predict(before, forEntry("skip", "A"), NOW)).toBe(before);
  });
});

describe("no-show", () => {
  const noShow = (gracePeriod?: number): DeskCommand => ({
    name: "no-show",
    lane: "doctor",
    body: { appointmentId: "A", ...(gracePeriod !== undefined && { gracePeriod }) },
  });

  test("the grace runs from now, or from when the patient is due", () => {
    const late = entry("A", { state: "expected", start: "2025-03-03T09:00:00Z" });
    const graceUntil = "2025-03-03T09:45:00.000Z";
    expect(find(predict(queue([late]), noShow(), NOW), "A")).toMatchObject({ graceUntil });
    const delayed = queue([late], { blockedUntil: "2025-03-03T10:00:00Z" });
    const later = "2025-03-03T10:15:00.000Z";
    expect(find(predict(delayed, noShow(), NOW), "A")).toMatchObject({ graceUntil: later });
  });

  test("asked again the deadline stays; with no grace the patient leaves", () => {
    const running = queue([entry("A", { graceUntil: "2025-03-03T09:40:00Z" }), entry("B")]);
    expect(predict(running, noShow(), NOW)).toBe(running);
    const gone = predict(running, noShow(0), NOW);
    expect(gone.line).toEqual(["B"]);
    expect(find(gone, "A")).toMatchObject({ state: "no_show", position: null });
  });
});

test("arrived after all: a no-show comes back at the end, late", () => {
  const before = queue([entry("A", { state: "no_show" }), entry("B")]);
  const after = predict(before, forEntry("check-in", "A"), NOW);
  expect(after.line).toEqual(["B", "A"]);
  expect(find(after, "A")).toMatchObject({ state: "waiting", late: true, position: 2 });
});

test("start frees the room of who was in it", () => {
  const inside = entry("A", { state: "in_consultation" });
  const before = queue([inside, entry("B", { state: "called" })]);
  const after = predict(before, forEntry("start", "B"), NOW);
  expect(find(after, "A")?.state).toBe("completed");
  expect(find(after, "B")?.state).toBe("in_consultation");
});

test("a transferred patient leaves one lane and stands last in the other", () => {
  const body = { appointmentId: "A", doctorId: "other" };
  const moved = entry("A");
  const from = queue([moved, entry("B")]);
  const left = predict(from, { name: "transfer", lane: "doctor", body }, NOW);
  expect(left.line).toEqual(["B"]);
  const target = { ...queue([entry("X")]), doctorId: "other" };
  const arrived = predictArrival(target, moved);
  expect(arrived.line).toEqual(["X", "A"]);
});

test("a command for another lane changes nothing here", () => {
  const before = queue([entry("A")]);
  expect(predict(before, { ...callNext, lane: "other" }, NOW)).toBe(before);
});
