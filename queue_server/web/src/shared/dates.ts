/** The calendar date (YYYY-MM-DD) in a zone, now or at `instant`. */
export function localDate(timeZone: string, instant: Date = new Date()): string {
  // Canada writes dates the ISO way.
  return new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" }).format(instant);
}

/** The time of day in a zone, as the reader's language writes it. */
export function clockTime(
  instant: Date | string | number,
  timeZone: string,
  lang?: string,
): string {
  const format = { timeZone, hour: "2-digit", minute: "2-digit" } as const;
  return new Intl.DateTimeFormat(lang, format).format(new Date(instant));
}
