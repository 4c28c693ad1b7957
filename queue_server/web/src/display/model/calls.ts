import type { DisplayEntry, DisplayQueue } from "../../generated/contract";

/** A ticket that was called to a room. */
export interface Call {
  id: string;
  ticket: string;
  room: string;
  doctorId: string;
  /** When it was called, or called again; milliseconds since 1970. */
  at: number;
  /** How often it was called again. */
  recalls: number;
  /** Whether it is still being called: nobody has gone in yet. */
  isOpen: boolean;
}

/** Calls older than this are nobody's news any more. */
const RECENT_MS = 45 * 60_000;

/**
 * All calls of the last while, the newest first. `before` remembers when a repeated call came, and
 * who has been called and gone since: displays are not told of those any more.
 */
export function callsOf(queues: Iterable<DisplayQueue>, before: Call[], now: number): Call[] {
  const known = new Map(before.map((call) => [call.id, call]));
  const calls: Call[] = [];
  for (const queue of queues) {
    for (const entry of queue.entries) {
      const call = callOf(queue, entry, known.get(entry.id), now);
      if (call) calls.push(call);
      known.delete(entry.id);
    }
    for (const call of known.values()) {
      if (call.doctorId === queue.doctorId) calls.push({ ...call, isOpen: false });
    }
  }
  const recent = calls.filter((call) => call.isOpen || now - call.at < RECENT_MS);
  return recent.sort((one, other) => other.at - one.at);
}

/** Calls that are news after an update: called, or called again, since `before`. */
export function newCalls(before: Call[], after: Call[]): Call[] {
  const known = new Map(before.map((call) => [call.id, call]));
  return after.filter((call) => {
    const old = known.get(call.id);
    return call.isOpen && (!old?.isOpen || call.recalls > old.recalls);
  });
}

function callOf(
  queue: DisplayQueue,
  entry: DisplayEntry,
  old: Call | undefined,
  now: number,
): Call | null {
  if (entry.calledAt === null) return null;
  const isAgain = old?.isOpen === true && entry.recalls > old.recalls;
  const first = Date.parse(entry.calledAt);
  return {
    id: entry.id,
    ticket: entry.ticket,
    room: entry.room,
    doctorId: queue.doctorId,
    at: isAgain ? now : Math.max(first, old?.at ?? 0),
    recalls: entry.recalls,
    isOpen: entry.state === "called",
  };
}
