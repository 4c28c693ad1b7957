import type { StaffEntry, StaffQueue } from "../../generated/contract";
import { inState, lineOf } from "../../shared/queue";
import { type DeskCommand, entryOf } from "./command";

// What the queue will most likely look like once the server has carried out a command. The server
// alone decides: where its rules need facts that the desk does not hold, the order stays as it is
// until the answer arrives.

/** Return `queue` as it would be after `command`, or `queue` itself where that cannot be told. */
export function predict(queue: StaffQueue, command: DeskCommand, now: number): StaffQueue {
  if (command.name === "transfer" && command.body.doctorId === queue.doctorId) return queue;
  if (command.lane !== queue.doctorId) return queue;
  const at = new Date(now).toISOString();
  const id = entryOf(command);
  const entry = id === undefined ? undefined : queue.entries.find((one) => one.id === id);
  switch (command.name) {
    case "call-next": {
      if (inState(queue, "called")) return queue;
      const next = entry ?? nextToCall(queue, now);
      return next ? call(queue, next, at) : queue;
    }
    case "check-in":
      return entry ? checkIn(queue, entry, at) : queue;
    case "start":
      return entry?.state === "called" ? start(queue, entry, at) : queue;
    case "complete":
      return entry ? leave(queue, entry, { state: "completed", endedAt: at }) : queue;
    case "skip":
      return entry ? skip(queue, entry) : queue;
    case "no-show":
      return entry ? noShow(queue, entry, command.body.gracePeriod, now) : queue;
    case "move":
      return entry ? move(queue, entry, command.body.newPosition) : queue;
    case "triage":
      return entry ? withEntry(queue, entry.id, { triage: command.body.triage }) : queue;
    case "transfer":
    case "cancel":
      return entry ? leave(queue, entry, { state: "cancelled", endedAt: at }) : queue;
    case "pause":
      return withHeader(queue, { paused: true });
    case "resume":
      return withHeader(queue, { paused: false });
    case "close":
      return withHeader(queue, { closed: true });
    default:
      return queue;
  }
}

/** The patient that a bare "Call next" would call: first callable, else first early enough. */
export function nextToCall(queue: StaffQueue, now: number): StaffEntry | undefined {
  const waiting = lineOf(queue).filter((entry) => entry.state === "waiting");
  const earliest = now + queue.header.policy.earlyMax * 60_000;
  return (
    waiting.find((entry) => entry.callable) ??
    waiting.find((entry) => Date.parse(entry.window) <= earliest)
  );
}

function withEntry(queue: StaffQueue, id: string, change: Partial<StaffEntry>): StaffQueue {
  const entries = queue.entries.map((entry) => (entry.id === id ? { ...entry, ...change } : entry));
  return { ...queue, entries };
}

function withHeader(queue: StaffQueue, change: Partial<StaffQueue["header"]>): StaffQueue {
  return { ...queue, header: { ...queue.header, ...change } };
}

function withLine(queue: StaffQueue, line: string[]): StaffQueue {
  const place = new Map(line.map((id, index) => [id, index + 1]));
  const entries = queue.entries.map((entry) => {
    const position = place.get(entry.id) ?? (isHere(entry) ? 0 : null);
    return position === entry.position ? entry : { ...entry, position };
  });
  return { ...queue, line, entries };
}

function isHere(entry: StaffEntry): boolean {
  return entry.state === "called" || entry.state === "in_consultation";
}

function without(queue: StaffQueue, id: string): string[] {
  return queue.line.filter((other) => other !== id);
}

function leave(queue: StaffQueue, entry: StaffEntry, change: Partial<StaffEntry>): StaffQueue {
  const changed = withEntry(queue, entry.id, { graceUntil: null, ...change });
  return withLine(changed, without(queue, entry.id));
}

function call(queue: StaffQueue, entry: StaffEntry, at: string): StaffQueue {
  if (entry.state !== "waiting") return queue;
  const place = queue.line.indexOf(entry.id);
  const passed = new Set(queue.line.slice(0, place));
  const entries = queue.entries.map((other) =>
    other.state === "expected" && passed.has(other.id) ? { ...other, passedOver: true } : other,
  );
  const called = leave({ ...queue, entries }, entry, { state: "called", calledAt: at });
  return withHeader(called, { nowServing: entry.ticket, lastCalled: entry.ticket });
}

function checkIn(queue: StaffQueue, entry: StaffEntry, at: string): StaffQueue {
  if (entry.state !== "expected" && entry.state !== "no_show") return queue;
  const returned = entry.state === "no_show";
  const here: Partial<StaffEntry> = { state: "waiting", arrivedAt: at, graceUntil: null };
  const changed = withEntry(queue, entry.id, returned ? { ...here, late: true } : here);
  return returned ? withLine(changed, [...queue.line, entry.id]) : changed;
}

function start(queue: StaffQueue, entry: StaffEntry, at: string): StaffQueue {
  const busy = inState(queue, "in_consultation");
  const freed = busy ? leave(queue, busy, { state: "completed", endedAt: at }) : queue;
  return withEntry(freed, entry.id, { state: "in_consultation", startedAt: at });
}

/** Behind the next `skipBehind` callable; fewer: behind the last of them; none: where it is. */
function skip(queue: StaffQueue, entry: StaffEntry): StaffQueue {
  if (entry.state !== "waiting" && entry.state !== "called") return queue;
  if (entry.skips >= queue.header.policy.skipMax) return queue;
  const rest = without(queue, entry.id);
  const from = entry.state === "called" ? 0 : queue.line.indexOf(entry.id);
  const callable = rest
    .map((id, index) => ({ index, other: queue.entries.find((one) => one.id === id) }))
    .filter(({ index, other }) => index >= from && other?.callable)
    .slice(0, queue.header.policy.skipBehind);
  const place = (callable.at(-1)?.index ?? from - 1) + 1;
  const line = [...rest.slice(0, place), entry.id, ...rest.slice(place)];
  const change = { state: "waiting" as const, pinned: true, skips: entry.skips + 1 };
  return withLine(withEntry(queue, entry.id, change), line);
}

/** When the grace of a no-show ends: counted from now, or from when the patient is due. */
export function graceDeadline(
  queue: StaffQueue,
  entry: StaffEntry,
  given: number | undefined,
  now: number,
): number {
  if (entry.graceUntil !== null && given === undefined) return Date.parse(entry.graceUntil);
  const blocked = queue.header.blockedUntil ? Date.parse(queue.header.blockedUntil) : 0;
  const due = Math.max(Date.parse(entry.start), blocked);
  return Math.max(now, due) + (given ?? queue.header.policy.graceMinutes) * 60_000;
}

function noShow(
  queue: StaffQueue,
  entry: StaffEntry,
  given: number | undefined,
  now: number,
): StaffQueue {
  if (entry.graceUntil !== null && given === undefined) return queue;
  const until = graceDeadline(queue, entry, given, now);
  if (until <= now) return leave(queue, entry, { state: "no_show" });
  return withEntry(queue, entry.id, { graceUntil: new Date(until).toISOString() });
}

function move(queue: StaffQueue, entry: StaffEntry, position: number): StaffQueue {
  const rest = without(queue, entry.id);
  if (rest.length === queue.line.length || position < 1 || position > queue.line.length) {
    return queue;
  }
  const line = [...rest.slice(0, position - 1), entry.id, ...rest.slice(position - 1)];
  return withLine(withEntry(queue, entry.id, { pinned: true }), line);
}

/** A transferred patient stands at the end of the lane it goes to until the server says where. */
export function predictArrival(queue: StaffQueue, entry: StaffEntry): StaffQueue {
  if (queue.line.includes(entry.id)) return queue;
  const state = entry.state === "called" ? "waiting" : entry.state;
  const arrived = { ...entry, state, estimatedWaitTime: null, estimatedWaitRange: null };
  const others = queue.entries.filter((other) => other.id !== entry.id);
  return withLine({ ...queue, entries: [...others, arrived] }, [...queue.line, entry.id]);
}
