import type { InviteView, StaffEntryView } from "../../generated/contract";

// The list as it will be when what is under way is done: shown at once, and taken back if refused.

/** What is done with an entry of the list. */
export type Change =
  | { kind: "promote"; slotId: string }
  | { kind: "invite"; invite: InviteView }
  | { kind: "defer"; until: string }
  | { kind: "resume" }
  | { kind: "cancel"; reason: string }
  | { kind: "place"; position: number; reason: string }
  | { kind: "rank" };

/** Something under way. */
export interface Pending {
  key: string;
  entry: StaffEntryView;
  change: Change;
}

/** The list as it will be once everything under way is done. */
export function predicted(
  list: readonly StaffEntryView[],
  pending: readonly Pending[],
): readonly StaffEntryView[] {
  return pending.reduce(after, list);
}

function after(
  list: readonly StaffEntryView[],
  { entry: { id }, change }: Pending,
): readonly StaffEntryView[] {
  const entry = list.find((one) => one.id === id);
  if (!entry) return list;
  switch (change.kind) {
    case "promote":
    case "cancel":
      return without(list, entry);
    case "invite":
      return replaced(list, { ...entry, status: "invited", invite: change.invite });
    case "defer":
      return replaced(list, {
        ...entry,
        status: "deferred",
        deferredUntil: change.until,
        invite: null,
      });
    case "resume":
      return replaced(list, { ...entry, status: "active", deferredUntil: null });
    case "place":
      return placed(list, { ...entry, overrideReason: change.reason }, change.position);
    case "rank":
      return replaced(list, { ...entry, overrideReason: null });
  }
}

function replaced(list: readonly StaffEntryView[], entry: StaffEntryView): StaffEntryView[] {
  return list.map((one) => (one.id === entry.id ? entry : one));
}

/** The list with an entry at a place of its clinic's list, whose others move up or down. */
function placed(
  list: readonly StaffEntryView[],
  entry: StaffEntryView,
  position: number,
): StaffEntryView[] {
  const from = entry.position ?? position;
  const moved = list.map((one) => {
    if (one.id === entry.id) return { ...entry, position };
    return one.clinicId === entry.clinicId
      ? { ...one, position: shifted(one.position, from, position) }
      : one;
  });
  const own = moved
    .filter(({ clinicId }) => clinicId === entry.clinicId)
    .sort((one, other) => (one.position ?? 0) - (other.position ?? 0));
  // Lists come clinic by clinic: each clinic's lines stay where they are.
  let next = 0;
  return moved.map((one) => (one.clinicId === entry.clinicId ? (own[next++] ?? one) : one));
}

function shifted(place: number | null, from: number, to: number): number | null {
  if (place === null) return null;
  if (from < to && place > from && place <= to) return place - 1;
  if (from > to && place >= to && place < from) return place + 1;
  return place;
}

/** The list without an entry: whoever stood behind moves up. */
function without(list: readonly StaffEntryView[], gone: StaffEntryView): StaffEntryView[] {
  const isBehind = (one: StaffEntryView): boolean =>
    one.clinicId === gone.clinicId && (one.position ?? 0) > (gone.position ?? Infinity);
  return list
    .filter(({ id }) => id !== gone.id)
    .map((one) => (isBehind(one) ? { ...one, position: (one.position ?? 1) - 1 } : one));
}
