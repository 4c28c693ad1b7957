import { expect, it } from "vitest";
import type { DisplayEntry, DisplayQueue } from "../../generated/contract";
import { callsOf, newCalls } from "./calls";

const NINE = Date.parse("2026-03-02T09:00:00Z");
const MINUTE = 60_000;

function entry(ticket: string, minute: number | null, changed: Partial<DisplayEntry> = {}) {
  const calledAt = minute === null ? null : new Date(NINE + minute * MINUTE).toISOString();
  return { id: ticket, ticket, calledAt, recalls: 0, state: "called", ...changed } as DisplayEntry;
}

function queue(room: string, entries: DisplayEntry[]): DisplayQueue {
  const header = { room, doctor: { name: `Dr ${room}` } };
  const called = entries.map((one) => ({ ...one, room }));
  return { doctorId: room, header, entries: called } as DisplayQueue;
}

it("lists whoever was called, the newest first", () => {
  const queues = [
    queue("Room 2", [entry("G12", 1, { state: "in_consultation" }), entry("G13", null)]),
    queue("Room 4", [entry("P18", 3)]),
  ];
  const calls = callsOf(queues, [], NINE + 5 * MINUTE);
  expect(calls.map(({ ticket, room, isOpen }) => [ticket, room, isOpen])).toEqual([
    ["P18", "Room 4", true],
    ["G12", "Room 2", false],
  ]);
});

it("forgets calls that are nobody's news any more, unless still open", () => {
  const late = NINE + 120 * MINUTE;
  const queues = [queue("Room 2", [entry("G12", 0, { state: "completed" }), entry("G13", 1)])];
  expect(callsOf(queues, [], late).map((call) => call.ticket)).toEqual(["G13"]);
});

it("remembers whoever was called and has gone, for as long as the doctor is shown", () => {
  const before = callsOf([queue("Room 2", [entry("G12", 0)])], [], NINE);
  const gone = [queue("Room 2", [])];
  const after = callsOf(gone, before, NINE + MINUTE);
  expect(after.map(({ ticket, isOpen }) => [ticket, isOpen])).toEqual([["G12", false]]);
  expect(newCalls(before, after)).toEqual([]);
  expect(callsOf(gone, after, NINE + 46 * MINUTE)).toEqual([]);
  expect(callsOf([], after, NINE + MINUTE)).toEqual([]);
  const undone = callsOf(
    [queue("Room 2", [entry("G12", null, { state: "waiting" })])],
    after,
    NINE,
  );
  expect(undone).toEqual([]);
});

it("announces a new call once", () => {
  const before = callsOf([queue("Room 2", [entry("G12", null)])], [], NINE);
  const after = callsOf([queue("Room 2", [entry("G12", 0)])], before, NINE);
  expect(newCalls(before, after).map((call) => call.ticket)).toEqual(["G12"]);
  const again = callsOf([queue("Room 2", [entry("G12", 0)])], after, NINE + MINUTE);
  expect(newCalls(after, again)).toEqual([]);
});

it("announces a repeated call again, as the newest", () => {
  const first = [queue("Room 2", [entry("G12", 0), entry("G13", 1)])];
  const before = callsOf(first, [], NINE + MINUTE);
  const second = [queue("Room 2", [entry("G12", 0, { recalls: 1 }), entry("G13", 1)])];
  const after = callsOf(second, before, NINE + 2 * MINUTE);
  expect(newCalls(before, after).map((call) => call.ticket)).toEqual(["G12"]);
  expect(after[0]?.ticket).toBe("G12");
});

it("announces somebody who is called anew after having been put back", () => {
  const called = callsOf([queue("Room 2", [entry("G12", 0)])], [], NINE);
  const back = [queue("Room 2", [entry("G12", 0, { state: "waiting" })])];
  const waiting = callsOf(back, called, NINE + MINUTE);
  const again = callsOf([queue("Room 2", [entry("G12", 2)])], waiting, NINE + 2 * MINUTE);
  expect(newCalls(waiting, again).map((call) => call.ticket)).toEqual(["G12"]);
});
