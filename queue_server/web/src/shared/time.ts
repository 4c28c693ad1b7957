// Instants arrive as RFC 3339 strings; the clinic's zone decides how they read.

const clocks = new Map<string, Intl.DateTimeFormat>();
const days = new Map<string, Intl.DateTimeFormat>();

/** "09:15" in the clinic's zone. */
export function clockTime(instant: string | number, zone: string): string {
  let format = clocks.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
      timeZone: zone,
    });
    clocks.set(zone, format);
  }
  return format.format(new Date(instant));
}

/** "Monday 3 March 2025" for a date of the clinic (`YYYY-MM-DD`), the same in every zone. */
export function longDate(date: string): string {
  let format = days.get("UTC");
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: "UTC" });
    days.set("UTC", format);
  }
  return format.format(new Date(`${date}T12:00:00Z`));
}

/** "4:07" or "1:02:09": how long something has been running. */
export function runningTime(since: string, now: number): string {
  return countdown(Math.max(0, now - Date.parse(since)));
}

/** "0:29" for the milliseconds that are left. */
export function countdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = String(seconds % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** "just now", "40 s ago", "3 min ago", "2 h ago". */
export function age(since: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - since) / 1000));
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return `${Math.floor(seconds / 3600)} h ago`;
}

/**
 * The instant at which a clock in `zone` shows `time` ("HH:MM") on `date`.
 * In a gap of summer time it is the instant as far past the gap.
 */
export function instantAt(date: string, time: string, zone: string): number {
  const wanted = Date.parse(`${date}T${time}:00Z`);
  // The zone's offset depends on the instant looked for: two rounds settle it.
  let instant = wanted;
  for (let round = 0; round < 2; round += 1) instant = wanted - zoneOffset(instant, zone);
  return instant;
}

function zoneOffset(instant: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(new Date(instant));
  const field = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  const shown = Date.UTC(
    field("year"),
    field("month") - 1,
    field("day"),
    field("hour"),
    field("minute"),
    field("second"),
  );
  return shown - Math.floor(instant / 1000) * 1000;
}
