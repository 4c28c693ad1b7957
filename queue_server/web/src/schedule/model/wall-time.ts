// Wall times of a clinic are minutes since midnight; above 1440 they lie on the next day.

export const DAY = 1440;

/** 570 for "09:30", 1440 for "24:00"; NaN for what is no time. */
export function minutesOf(time: string): number {
  const match = /^(\d{1,2}):(\d{2})/.exec(time);
  if (!match) return Number.NaN;
  const [hours, minutes] = [Number(match[1]), Number(match[2])];
  return minutes < 60 ? hours * 60 + minutes : Number.NaN;
}

/** "09:30" for 570; the next day's times read as that day's clock, and midnight at the end "24:00". */
export function wallTime(minutes: number): string {
  const shown = minutes > DAY ? minutes - DAY : minutes;
  const hours = Math.floor(shown / 60);
  return `${String(hours).padStart(2, "0")}:${String(shown % 60).padStart(2, "0")}`;
}

/** "09:00–12:30", with "next day" where the end lies there. */
export function span(start: number, end: number): string {
  return `${wallTime(start)}–${wallTime(end)}${end > DAY ? " next day" : ""}`;
}

/** "3 h", "45 min", "2 h 30 min". */
export function duration(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = Math.round(minutes % 60);
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** The nearest multiple of `step`. */
export function snap(minutes: number, step: number): number {
  return Math.round(minutes / step) * step;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Where an instant stands on the clinic's clock: its date, and minutes since that midnight. */
export function wallClock(
  instant: string | number,
  zone: string,
): { date: string; minutes: number } {
  let format = clocks.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    });
    clocks.set(zone, format);
  }
  const parts = format.formatToParts(new Date(instant));
  const field = (type: string): string => parts.find((part) => part.type === type)?.value ?? "";
  return {
    date: `${field("year")}-${field("month")}-${field("day")}`,
    minutes: Number(field("hour")) * 60 + Number(field("minute")),
  };
}

/** Minutes since the midnight that begins `date`, for an instant near it; may be below 0 or above 1440. */
export function minutesOn(date: string, instant: string | number, zone: string): number {
  const clock = wallClock(instant, zone);
  return clock.minutes + daysBetween(date, clock.date) * DAY;
}

/** How many days `to` lies after `from`. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T12:00Z`) - Date.parse(`${from}T12:00Z`)) / 86_400_000);
}

/** The date `days` after `date`. */
export function addDays(date: string, days: number): string {
  const moved = new Date(Date.parse(`${date}T12:00Z`) + days * 86_400_000);
  return moved.toISOString().slice(0, 10);
}

/** 1 for Monday to 7 for Sunday. */
export function weekdayOf(date: string): number {
  return new Date(`${date}T12:00Z`).getUTCDay() || 7;
}

/** The Monday of a date's week. */
export function mondayOf(date: string): string {
  return addDays(date, 1 - weekdayOf(date));
}

/** The seven dates of a date's week, Monday first. */
export function weekOf(date: string): string[] {
  const monday = mondayOf(date);
  return [0, 1, 2, 3, 4, 5, 6].map((day) => addDays(monday, day));
}

/** Whether this is a date written `YYYY-MM-DD`. */
export function isDate(text: string | null): text is string {
  return text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

export const WEEKDAYS = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday",
] as const;

/** "Monday" for 1. */
export function weekdayName(weekday: number): string {
  return WEEKDAYS[weekday - 1] ?? "";
}

function written(options: Intl.DateTimeFormatOptions): (date: string) => string {
  const format = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
  // ICU changes its mind about the comma.
  return (date) => format.format(new Date(`${date}T12:00Z`)).replace(",", "");
}

/** "Mon 23 Nov" for a date of the clinic. */
export const shortDate = written({ weekday: "short", day: "numeric", month: "short" });

/** "Monday 23 November 2026". */
export const fullDate = written({
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
});

/** "23 Nov". */
export const dayMonth = written({ day: "numeric", month: "short" });
