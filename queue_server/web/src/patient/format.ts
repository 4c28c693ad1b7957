import { shownAmount } from "../staff/model/money";
import { known, zoneOf } from "./known";

/** Digits as the tracker writes them, whatever the language. */
export const locale = `${known.language}-u-nu-latn`;

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options);
  const made = formats.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(key, made);
  return made;
}

/** The time of day at a clinic. */
export function time(instant: string | number, clinicId: string): string {
  const options = { timeZone: zoneOf(clinicId), hour: "numeric", minute: "2-digit" } as const;
  return format(options).format(new Date(instant));
}

/** Day and time at a clinic: "Tue 24 Nov, 09:15". */
export function moment(instant: string | number, clinicId: string): string {
  return format({
    timeZone: zoneOf(clinicId),
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "numeric",
    minute: "2-digit",
  }).format(new Date(instant));
}

/** The date in a time zone, with its year: "November 24, 2026". */
export function date(instant: string, timeZone: string): string {
  return format({ timeZone, dateStyle: "long" }).format(new Date(instant));
}

/** A calendar date (YYYY-MM-DD): "Tuesday 24 November". */
export function day(date: string): string {
  const options = { timeZone: "UTC", weekday: "long", day: "numeric", month: "long" } as const;
  return format(options).format(new Date(`${date}T12:00Z`));
}

/** A calendar date, short: "Tue 24 Nov". */
export function shortDay(date: string): string {
  const options = { timeZone: "UTC", weekday: "short", day: "numeric", month: "short" } as const;
  return format(options).format(new Date(`${date}T12:00Z`));
}

/** A date of birth: "30 September 2019". */
export function birthDay(date: string): string {
  return format({ timeZone: "UTC", dateStyle: "long" }).format(new Date(`${date}T12:00Z`));
}

export function monthName(date: string): string {
  const options = { timeZone: "UTC", month: "long", year: "numeric" } as const;
  return format(options).format(new Date(`${date}T12:00Z`));
}

/** Seven short names of weekdays, from Monday. */
export function weekdays(): string[] {
  const name = format({ timeZone: "UTC", weekday: "narrow" });
  return [1, 2, 3, 4, 5, 6, 7].map((n) => name.format(new Date(Date.UTC(2024, 0, n, 12))));
}

export function money(minor: number, currency: string): string {
  return shownAmount(minor, currency, locale);
}

/** What a language is called by who reads this page. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(locale, { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** Names of which one is meant: "Dr Rao, Dr Sen or Dr Diaz". */
export function listed(names: readonly string[]): string {
  return new Intl.ListFormat(locale, { type: "disjunction" }).format(names);
}

/** Day and time with the year, at the first clinic: "21 Nov 2026, 19:40". */
export function stamp(instant: string): string {
  const options = { timeZone: zoneOf(""), dateStyle: "medium", timeStyle: "short" } as const;
  return format(options).format(new Date(instant));
}
