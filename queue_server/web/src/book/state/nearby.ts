import type { Mode, SlotView } from "../../generated/contract";
import { look } from "../../patient/api";
import { zoneOf } from "../../patient/known";
import { localDate } from "../../shared/dates";
import { freeWithAnyone } from "../model/anyone";
import { type FreeDay, plusDays } from "../model/days";
import { nearest } from "../model/slots";
import { slotsOf } from "./slots";

/** How far around a lost time is looked for another. */
const AROUND_DAYS = 14;
/** Of many doctors a day is long. */
const PAGES = 5;

export interface Nearby {
  wanted: SlotView;
  mode: Mode;
  /** Whose times would do, as the search is asked for them. */
  query: Record<string, string>;
  /** Whether they are of several doctors, whose times are one list. */
  isOfMany: boolean;
  /** What is not to be offered once more. */
  isTried: (slot: SlotView) => boolean;
}

/**
 * The free time nearest to a wanted one, before or after it; null when there is none in the two
 * weeks around it. Throws when that cannot be looked up.
 */
export async function nearby(asked: Nearby): Promise<SlotView | null> {
  const { wanted, mode } = asked;
  const sameDay = nearest(await freeOn(wanted.date, asked), wanted.start, mode);
  if (sameDay && isWithinDay(sameDay, wanted)) return sameDay;
  const days = await neighbours(asked);
  const others = await Promise.all(days.map((date) => freeOn(date, asked)));
  const all = [...(sameDay ? [sameDay] : []), ...others.flat()];
  return nearest(all, wanted.start, mode) ?? null;
}

async function freeOn(date: string, asked: Nearby): Promise<SlotView[]> {
  const { query, mode, isOfMany, isTried } = asked;
  const { slots } = await slotsOf({ ...query, mode, from: date, to: date }, isOfMany ? PAGES : 1);
  return (isOfMany ? freeWithAnyone(slots, mode) : slots).filter((slot) => !isTried(slot));
}

/** Whether nothing of the day before or after could be nearer. */
function isWithinDay(found: SlotView, wanted: SlotView): boolean {
  const at = Date.parse(wanted.start);
  const away = Math.abs(Date.parse(found.start) - at);
  const zone = zoneOf(wanted.clinicId);
  return [at - away, at + away].every((ms) => localDate(zone, new Date(ms)) === wanted.date);
}

/** The nearest days with something free, before the wanted one and after it. */
async function neighbours({ wanted, mode, query }: Nearby): Promise<string[]> {
  const from = plusDays(wanted.date, -AROUND_DAYS);
  const to = plusDays(wanted.date, AROUND_DAYS);
  const { data } = await look<FreeDay[]>("/api/slots/days", { ...query, mode, from, to });
  const free = data.filter((day) => day.free > 0).map(({ date }) => date);
  const before = free.filter((date) => date < wanted.date).sort();
  const after = free.filter((date) => date > wanted.date).sort();
  return [...before.slice(-1), ...after.slice(0, 1)];
}
