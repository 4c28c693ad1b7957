import type { Sitting } from "../wire";
import { DAY, minutesOf, span, wallTime, weekdayName } from "./wall-time";

// The week that is being edited. Grid and form change it through the same functions, so that a
// drag and a typed time are one thing.

/** How a sitting is cut into slots, and how many patients each takes. */
export interface Cut {
  slotMinutes: number;
  bufferMinutes: number;
  inPerson: number;
  tele: number;
  total: number;
  roomId: string | null;
  /** In the order of the ids, as the server keeps them. */
  equipmentIds: string[];
}

export interface DraftSitting extends Cut {
  /** Names it on this screen only. */
  key: number;
  /** Monday is 1. */
  weekday: number;
  /** Minutes since midnight. */
  start: number;
  /** Above 1440 on the next day. */
  end: number;
}

export type Week = readonly DraftSitting[];

export type Place = Pick<DraftSitting, "weekday" | "start" | "end">;

export const STEP = 15;
export const SHORTEST = 15;
/** How many patients a slot can be set to take. */
const MOST = 500;

export const USUAL: Cut = {
  slotMinutes: 15,
  bufferMinutes: 0,
  inPerson: 1,
  tele: 0,
  total: 1,
  roomId: null,
  equipmentIds: [],
};

/** How a sitting is cut, for another one that is to be like it. */
export function cutOf(model: Cut): Cut {
  const { slotMinutes, bufferMinutes, inPerson, tele, total, roomId, equipmentIds } = model;
  return { slotMinutes, bufferMinutes, inPerson, tele, total, roomId, equipmentIds };
}

/** A sitting's equipment with one piece more, or less. */
export function toggled(ids: readonly string[], id: string): string[] {
  return ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id].sort();
}

let made = 0;

/** A week as it was stored. */
export function weekFrom(sittings: readonly Sitting[]): Week {
  return inOrder(
    sittings.map(({ start, end, endsNextDay, ...rest }) => ({
      ...rest,
      key: ++made,
      start: minutesOf(start),
      end: endOf({ end, endsNextDay }),
    })),
  );
}

/** The week as it travels. */
export function wireOf(week: Week): Sitting[] {
  return inOrder(week).map(({ key: _, start, end, ...rest }) => ({
    ...rest,
    start: wallTime(start),
    end: wallTime(end >= DAY ? end - DAY : end),
    endsNextDay: end >= DAY,
  }));
}

/** The end of a sitting in minutes since the midnight that begins it. */
export function endOf({ end, endsNextDay }: Pick<Sitting, "end" | "endsNextDay">): number {
  return minutesOf(end) + (endsNextDay ? DAY : 0);
}

/** Whether two weeks say the same. */
export function isSame(one: Week, other: Week): boolean {
  return JSON.stringify(wireOf(one)) === JSON.stringify(wireOf(other));
}

/** Paint a sitting; returns the week and the new sitting's key. */
export function add(week: Week, place: Place, cut: Cut): { week: Week; key: number } {
  const key = ++made;
  const added = { ...cut, ...place, key };
  return { week: inOrder([...week, added]), key };
}

/** Change anything about one sitting. */
export function change(week: Week, key: number, to: Partial<Omit<DraftSitting, "key">>): Week {
  return inOrder(week.map((one) => (one.key === key ? { ...one, ...to } : one)));
}

/** Take a sitting away. */
export function remove(week: Week, key: number): Week {
  return week.filter((one) => one.key !== key);
}

/** Where a sitting lands that is moved by days and minutes: whole, and inside the week. */
export function moved(place: Place, by: { days?: number; minutes?: number }): Place {
  const length = place.end - place.start;
  const start = clamp(place.start + (by.minutes ?? 0), 0, DAY - Math.min(length, DAY));
  return {
    weekday: clamp(place.weekday + (by.days ?? 0), 1, 7),
    start,
    end: start + length,
  };
}

/** Where a sitting lands whose start or end is pulled to `to`. */
export function stretched(place: Place, edge: "start" | "end", to: number): Place {
  if (edge === "start") return { ...place, start: clamp(to, 0, place.end - SHORTEST) };
  return { ...place, end: clamp(to, place.start + SHORTEST, Math.max(DAY, place.end)) };
}

/**
 * The stretch that a drag from `from` to `to` paints: from the earlier to the later, and not into
 * what is painted already. Null where there is no room.
 */
export function painted(week: Week, weekday: number, from: number, to: number): Place | null {
  const others = week.filter((one) => one.weekday === weekday);
  if (others.some((one) => one.start <= from && from < one.end)) return null;
  const before = Math.max(0, ...others.filter((one) => one.end <= from).map((one) => one.end));
  const after = Math.min(DAY, ...others.filter((one) => one.start > from).map((one) => one.start));
  const start = clamp(Math.min(from, to), before, after);
  const end = clamp(Math.max(from, to, start + SHORTEST), before, after);
  return end - start < SHORTEST ? null : { weekday, start, end };
}

/** A free stretch for a sitting that is added by the keyboard: after the day's last, else at nine. */
export function freePlace(week: Week, weekday: number): Place {
  const ends = week.filter((one) => one.weekday === weekday).map((one) => one.end);
  const start = ends.length === 0 ? 9 * 60 : Math.min(Math.max(...ends) + 60, DAY - 60);
  return { weekday, start, end: Math.min(start + 180, DAY) };
}

/** The week with the sittings of one day on each of the `to` days, in place of theirs. */
export function copyDay(week: Week, from: number, to: readonly number[]): Week {
  const model = week.filter((one) => one.weekday === from);
  const targets = to.filter((day) => day !== from);
  const kept = week.filter((one) => !targets.includes(one.weekday));
  const copies = targets.flatMap((weekday) =>
    model.map((one) => ({ ...one, weekday, key: ++made })),
  );
  return inOrder([...kept, ...copies]);
}

/** How many slots a sitting holds: the last one needs no buffer behind it. */
export function slotCount(sitting: Pick<DraftSitting, "start" | "end"> & Cut): number {
  const { start, end, slotMinutes, bufferMinutes } = sitting;
  if (!(slotMinutes > 0) || !(bufferMinutes >= 0) || end <= start) return 0;
  return Math.floor((end - start + bufferMinutes) / (slotMinutes + bufferMinutes));
}

export type FaultField =
  | "start"
  | "end"
  | "slotMinutes"
  | "bufferMinutes"
  | "inPerson"
  | "tele"
  | "total"
  | "roomId"
  | "equipmentIds";

export interface Fault {
  key: number;
  field: FaultField;
  message: string;
}

/** Which sitting the server means by `sittings[2].end`; others are not about a sitting. */
export function faultOf(week: Week, field: string, message: string): Fault | null {
  const match = /^sittings\[(\d+)\](?:\.(\w+))?/.exec(field);
  const sitting = match && inOrder(week)[Number(match[1])];
  return sitting ? { key: sitting.key, field: (match[2] ?? "start") as FaultField, message } : null;
}

/** What is wrong with a week, sitting by sitting. */
export function faults(week: Week): Fault[] {
  return [...week.flatMap(ownFaults), ...overlaps(week)];
}

function ownFaults(sitting: DraftSitting): Fault[] {
  const { key, start, end, slotMinutes, bufferMinutes, inPerson, tele, total } = sitting;
  const found: Fault[] = [];
  const say = (field: Fault["field"], message: string) => found.push({ key, field, message });
  if (!isWhole(start, 0, DAY - 1)) say("start", "Enter a time.");
  else if (!isWhole(end, 0, 2 * DAY)) say("end", "Enter a time.");
  else if (end <= start) say("end", "The end must be after the start.");
  else if (end - start > DAY) say("end", "A sitting lasts at most 24 hours.");
  if (!isWhole(slotMinutes, 1, 720)) say("slotMinutes", "A slot takes 1 to 720 minutes.");
  else if (end > start && slotMinutes > end - start) {
    say("slotMinutes", "A slot cannot be longer than its sitting.");
  }
  if (!isWhole(bufferMinutes, 0, DAY)) say("bufferMinutes", "A buffer takes 0 to 1440 minutes.");
  if (!isWhole(inPerson, 0, MOST)) say("inPerson", `Between 0 and ${MOST}.`);
  else if (inPerson > total) say("inPerson", "More than in all.");
  if (!isWhole(tele, 0, MOST)) say("tele", `Between 0 and ${MOST}.`);
  else if (tele > total) say("tele", "More than in all.");
  if (!isWhole(total, 1, MOST)) say("total", "At least 1.");
  else if (total > inPerson + tele) say("total", "Not more than in person and video together.");
  return found;
}

function overlaps(week: Week): Fault[] {
  const sorted = inOrder(week).filter((one) => one.end > one.start);
  const found: Fault[] = [];
  for (const [at, sitting] of sorted.entries()) {
    const earlier = sorted.slice(0, at).find((one) => absolute(one).end > absolute(sitting).start);
    const lap = earlier ?? nightBefore(sorted, sitting);
    if (!lap) continue;
    const when = `${weekdayName(lap.weekday)} ${span(lap.start, lap.end)}`;
    found.push({ key: sitting.key, field: "start", message: `Overlaps ${when}.` });
  }
  return found;
}

/** A Sunday night's sitting runs into the Monday that stands first in the week. */
function nightBefore(sorted: Week, sitting: DraftSitting): DraftSitting | undefined {
  return sorted.find(
    (one) => one.key !== sitting.key && absolute(one).end - 7 * DAY > absolute(sitting).start,
  );
}

function absolute({ weekday, start, end }: Place): { start: number; end: number } {
  const midnight = (weekday - 1) * DAY;
  return { start: midnight + start, end: midnight + end };
}

function inOrder(week: Week): Week {
  return [...week].sort(
    (one, other) => one.weekday - other.weekday || one.start - other.start || one.key - other.key,
  );
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
