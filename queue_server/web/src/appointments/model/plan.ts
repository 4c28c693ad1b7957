import type { Mode, SlotView } from "../../generated/contract";
import { isFree, nearest } from "./times";

// Several appointments at once: which of the free times each of them takes.

/** What moves: an appointment with the time that it has now. */
export interface Movable {
  appointmentId: string;
  start: string;
  doctorId: string;
  mode: Mode;
}

type Free = Pick<SlotView, "id" | "doctorId" | "start" | "remaining" | "status">;

/**
 * Give each appointment the free time nearest to its own, the earliest appointment first, and no
 * place twice. Null for whom nothing is left. How many a time takes altogether is not told: the
 * greater of its two kinds is surely free, and so many are given away.
 */
export function assign<T extends Free>(
  moving: readonly Movable[],
  slots: readonly T[],
  chosen: ReadonlyMap<string, T> = new Map(),
): Map<string, T | null> {
  const left = new Map(slots.map((slot) => [slot.id, placesOf(slot)]));
  const result = new Map<string, T | null>();
  const take = (slot: T, mode: Mode): void => {
    const places = left.get(slot.id);
    if (!places) return;
    places[mode] -= 1;
    places.altogether -= 1;
  };
  for (const { appointmentId, mode } of moving) {
    const own = chosen.get(appointmentId);
    if (own === undefined) continue;
    take(own, mode);
    result.set(appointmentId, own);
  }
  const rest = moving
    .filter(({ appointmentId }) => !chosen.has(appointmentId))
    .sort((one, other) => one.start.localeCompare(other.start));
  for (const one of rest) {
    const open = slots.filter((slot) => {
      const places = left.get(slot.id);
      return places && places[one.mode] > 0 && places.altogether > 0 && !isOwn(slot, one);
    });
    const [slot = null] = nearest(open, one.start, one.mode, 1);
    if (slot) take(slot, one.mode);
    result.set(one.appointmentId, slot);
  }
  return result;
}

/** The free times an appointment can be given, the nearest first; its own is none of them. */
export function choicesFor<T extends Free>(one: Movable, slots: readonly T[], most: number): T[] {
  const others = slots.filter((slot) => isFree(slot, one.mode) && !isOwn(slot, one));
  return nearest(others, one.start, one.mode, most).sort((a, b) => a.start.localeCompare(b.start));
}

function isOwn(slot: Pick<Free, "doctorId" | "start">, one: Movable): boolean {
  return slot.doctorId === one.doctorId && Date.parse(slot.start) === Date.parse(one.start);
}

function placesOf(slot: Pick<Free, "remaining">): Record<Mode | "altogether", number> {
  const { inPerson, tele } = slot.remaining;
  return { in_person: inPerson, tele, altogether: Math.max(inPerson, tele) };
}
