import type { Mode, SlotView } from "../../generated/contract";

/** A change of one slot, as the socket tells it. */
export interface SlotNews {
  slotId: string;
  doctorId: string;
  start: string;
  date: string;
  status: SlotView["status"];
  remaining: SlotView["remaining"];
  version: number;
}

type Places = Pick<SlotView, "status" | "remaining">;

export type Look = "free" | "held" | "taken";

export interface ShownSlot {
  slot: SlotView;
  look: Look;
}

/** Whether a slot has a place for who comes this way. */
export function isFree(slot: Places, mode: Mode): boolean {
  return slot.status === "free" && places(slot, mode) > 0;
}

export function places(slot: Places, mode: Mode): number {
  return mode === "tele" ? slot.remaining.tele : slot.remaining.inPerson;
}

/** How a slot is booked: as was asked for, or else at the clinic where that is possible. */
export function wayOf(slot: SlotView, wanted: string): Mode {
  if (wanted) return wanted as Mode;
  return isFree(slot, "in_person") ? "in_person" : "tele";
}

/** Whether a slot has a place for anybody. */
export function hasPlace(slot: Places): boolean {
  return isFree(slot, "in_person") || isFree(slot, "tele");
}

/**
 * What a day shows after it was looked up again: what was there and is not free any more fades
 * where it stands, so that nothing moves under a thumb. What begins after `until` was not looked
 * up, and stays as it is; so does what was heard of `meanwhile`, and whatever is newer than the
 * answer.
 */
export function lookedUp(
  shown: readonly ShownSlot[],
  found: readonly SlotView[],
  until = Number.POSITIVE_INFINITY,
  meanwhile: ReadonlySet<string> = new Set(),
): ShownSlot[] {
  const now = new Map(found.map((slot) => [slot.id, slot]));
  const before = new Map(shown.map((one) => [one.slot.id, one]));
  const isOpen = ({ slot }: ShownSlot) => Date.parse(slot.start) > until || meanwhile.has(slot.id);
  const kept = shown
    .filter(({ slot }) => !now.has(slot.id))
    .map((one) => (isOpen(one) ? one : faded(one)));
  const all = [...kept, ...found.map((slot) => newer(slot, before.get(slot.id)))];
  return all.sort((one, other) => Date.parse(one.slot.start) - Date.parse(other.slot.start));
}

/** News may have been faster than an answer that was under way. */
function newer(slot: SlotView, before: ShownSlot | undefined): ShownSlot {
  return before && before.slot.version > slot.version ? before : { slot, look: lookOf(slot) };
}

function faded({ slot, look }: ShownSlot): ShownSlot {
  return { slot, look: look === "held" ? "held" : "taken" };
}

/** What a day shows after news of one slot; the same list when the slot is not on it. */
export function heard(shown: readonly ShownSlot[], news: SlotNews): readonly ShownSlot[] {
  if (!shown.some(({ slot }) => slot.id === news.slotId)) return shown;
  return shown.map((one) => {
    if (one.slot.id !== news.slotId || one.slot.version > news.version) return one;
    const { status, remaining, version } = news;
    const slot = { ...one.slot, status, remaining, version };
    return { slot, look: lookOf(slot) };
  });
}

/** Whether news are of a place on this day that is not on the list: it has to be looked up. */
export function hasAppeared(
  shown: readonly ShownSlot[],
  news: SlotNews,
  date: string | null,
): boolean {
  return news.date === date && hasPlace(news) && !shown.some(({ slot }) => slot.id === news.slotId);
}

export function lookOf(slot: SlotView): Look {
  if (hasPlace(slot)) return "free";
  return slot.status === "held" ? "held" : "taken";
}

/** The free slot nearest to an instant; of two as near the later one, which nobody has missed. */
export function nearest(
  slots: readonly SlotView[],
  wanted: string,
  mode: Mode,
  but?: string,
): SlotView | undefined {
  const distance = (slot: SlotView) => Math.abs(Date.parse(slot.start) - Date.parse(wanted));
  return slots
    .filter((slot) => slot.id !== but && isFree(slot, mode))
    .reduce<SlotView | undefined>((best, slot) => {
      if (!best) return slot;
      const nearer = distance(slot) - distance(best);
      const isLater = Date.parse(slot.start) > Date.parse(best.start);
      return nearer < 0 || (nearer === 0 && isLater) ? slot : best;
    }, undefined);
}
