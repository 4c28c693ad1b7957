import type { StaffPatch, StaffQueue } from "../generated/contract";

/** A whole queue, as desks hold it or as displays do. */
export interface Held<Header, Entry> extends Omit<StaffQueue, "header" | "entries"> {
  header: Header;
  entries: Entry[];
}

/** What leads from one version of it to the next. */
export interface Patch<Header, Entry> extends Omit<StaffPatch, "header" | "changed"> {
  header: Header;
  changed: Entry[];
}

/** Whether `next` is older than, or the same as, what we hold. */
export function isSeen(
  held: Pick<StaffQueue, "epoch" | "version">,
  next: Pick<StaffQueue, "epoch" | "version">,
): boolean {
  if (next.epoch !== held.epoch) return next.epoch < held.epoch;
  return next.version <= held.version;
}

/**
 * Lay a patch over a queue. Returns the queue itself when the patch tells nothing new, and null
 * when it starts from a version we do not hold: then the whole state must be fetched.
 */
export function applyPatch<Header, Entry extends { id: string }>(
  queue: Held<Header, Entry>,
  patch: Patch<Header, Entry>,
): Held<Header, Entry> | null {
  if (patch.doctorId !== queue.doctorId || patch.date !== queue.date) return queue;
  // At an unchanged version only the estimates move, as the clock does.
  const isTick = patch.version === queue.version && patch.fromVersion === patch.version;
  if (isSeen(queue, patch) && !(isTick && patch.epoch === queue.epoch)) return queue;
  if (patch.epoch !== queue.epoch || patch.fromVersion !== queue.version) return null;
  const entries = new Map(queue.entries.map((entry) => [entry.id, entry]));
  for (const id of patch.removed) entries.delete(id);
  for (const entry of patch.changed) entries.set(entry.id, entry);
  return {
    doctorId: queue.doctorId,
    date: queue.date,
    epoch: patch.epoch,
    version: patch.version,
    header: patch.header,
    line: patch.line,
    entries: [...entries.values()],
  };
}
