import type { StaffEntry, StaffQueue } from "../generated/contract";

/** The entries of the line, in order. */
export function lineOf(queue: StaffQueue): StaffEntry[] {
  const byId = new Map(queue.entries.map((entry) => [entry.id, entry]));
  return queue.line.flatMap((id) => byId.get(id) ?? []);
}

/** The entry that is called, or with the doctor: a queue holds one of each at most. */
export function inState(
  queue: StaffQueue,
  state: "called" | "in_consultation",
): StaffEntry | undefined {
  return queue.entries.find((entry) => entry.state === state);
}
