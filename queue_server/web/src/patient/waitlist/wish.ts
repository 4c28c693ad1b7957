import type { Mode, OwnEntryView, PartOfDay } from "../../generated/contract";
import { localDate } from "../../shared/dates";
import { instantAt } from "../../shared/time";

export const PARTS: readonly PartOfDay[] = ["morning", "afternoon", "evening", "night"];
const DAY_MS = 86_400_000;

/** When and how somebody would like to come, as it is chosen; dates are the clinic's, both inclusive. */
export interface Wish {
  from: string;
  to: string;
  /** None: any. */
  parts: readonly PartOfDay[];
  /** Empty: either. */
  mode: Mode | "";
  shortNotice: boolean;
  notes: string;
}

export type WishMistakes = Partial<Record<"from" | "to", string>>;

export const ANY: Wish = {
  from: "",
  to: "",
  parts: [],
  mode: "",
  shortNotice: false,
  notes: "",
};

/** What makes no sense, as keys of the words that say so. */
export function mistakesOfWish({ from, to }: Wish, today: string): WishMistakes {
  if (to && to < today) return { to: "waitlist_dates_past" };
  if (from && to && to < from) return { to: "waitlist_dates_wrong" };
  return {};
}

/** A wish as the server takes it. */
export function bodyOf({ from, to, parts, mode, shortNotice, notes }: Wish, zone: string) {
  const requestedWindow = {
    start: from ? iso(instantAt(from, "00:00", zone)) : null,
    end: to ? iso(instantAt(following(to), "00:00", zone)) : null,
    partsOfDay: PARTS.filter((part) => parts.includes(part)),
  };
  return { requestedWindow, mode: mode || null, shortNotice, notes: notes.trim() };
}

/** The wish of an entry, to be shown and changed. */
export function wishOf(entry: OwnEntryView, zone: string): Wish {
  const { start, end, partsOfDay } = entry.requestedWindow;
  return {
    from: start ? localDate(zone, new Date(start)) : "",
    // It ends as the day behind the last one begins.
    to: end ? localDate(zone, new Date(Date.parse(end) - 1)) : "",
    parts: partsOfDay,
    mode: entry.mode ?? "",
    shortNotice: entry.shortNotice,
    notes: entry.notes,
  };
}

function following(date: string): string {
  return new Date(Date.parse(`${date}T12:00Z`) + DAY_MS).toISOString().slice(0, 10);
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
