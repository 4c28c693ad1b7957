/** How many places a day has left. */
export interface FreeDay {
  date: string;
  free: number;
  /** Whether there are more than were counted. */
  more?: boolean;
}

export const WEEKS = 5;
/** How far ahead can be looked at: slots are made half a year ahead at most. */
export const FARTHEST_DAYS = 180;
const DAY_MS = 86_400_000;

/** A date so many days later. */
export function plusDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T12:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** A date that an address names, if it is one. */
export function dateOf(text: string | null | undefined): string | undefined {
  if (!text || !/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const isThere = !Number.isNaN(Date.parse(`${text}T12:00Z`)) && plusDays(text, 0) === text;
  return isThere ? text : undefined;
}

/** The later of two dates. */
export function laterOf(one: string, other: string): string {
  return [one, other].sort()[1] ?? other;
}

/** The Monday of a date's week. */
export function mondayOf(date: string): string {
  const weekday = (new Date(`${date}T12:00Z`).getUTCDay() + 6) % 7;
  return plusDays(date, -weekday);
}

/** The dates of five weeks from a Monday. */
export function weeksFrom(monday: string): string[] {
  return Array.from({ length: WEEKS * 7 }, (_, n) => plusDays(monday, n));
}

/** How full of free places a day is, compared with the fullest: 0 (none) to 4. */
export function tint(free: number, most: number): number {
  if (free <= 0) return 0;
  return Math.min(4, Math.max(1, Math.ceil((free / Math.max(1, most)) * 4)));
}

/** The first day with a free place on or after a date, or else undefined. */
export function nextFree(days: readonly FreeDay[], from: string): FreeDay | undefined {
  return days
    .filter((day) => day.free > 0 && day.date >= from)
    .reduce<FreeDay | undefined>((best, d) => (!best || d.date < best.date ? d : best), undefined);
}
