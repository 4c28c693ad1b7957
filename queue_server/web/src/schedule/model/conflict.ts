import type { Schedule, Sitting } from "../wire";
import { fullDate, minutesOf, span, weekdayName } from "./wall-time";
import { endOf } from "./week";

/** One difference between two versions of a schedule, as a sentence. */
export interface Difference {
  what: "added" | "removed" | "changed";
  text: string;
}

type Editable = Pick<Schedule, "effectiveFrom" | "effectiveUntil" | "sittings">;

/** What leads from one version of a schedule to the next; sittings of one day and start are one. */
export function differences(
  before: Editable,
  after: Editable,
  room: (id: string) => string = () => "another room",
): Difference[] {
  return [...weekDifferences(before.sittings, after.sittings, room), ...dates(before, after)];
}

/** The overrides that came and went. */
export function overrideDifferences(before: Schedule, after: Schedule): Difference[] {
  const known = new Set(before.overrides.map((one) => one.id));
  const left = new Set(after.overrides.map((one) => one.id));
  const come = after.overrides.filter((one) => !known.has(one.id));
  const gone = before.overrides.filter((one) => !left.has(one.id));
  return [
    ...come.map(({ date }) => said("added", `Other hours on ${fullDate(date)}`)),
    ...gone.map(({ date }) => said("removed", `Other hours on ${fullDate(date)}`)),
  ];
}

function weekDifferences(
  before: readonly Sitting[],
  after: readonly Sitting[],
  room: (id: string) => string,
): Difference[] {
  const old = new Map(before.map((one) => [keyOf(one), one]));
  const fresh = new Map(after.map((one) => [keyOf(one), one]));
  const keys = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  return keys.flatMap((key) => sittingDifference(old.get(key), fresh.get(key), room));
}

function sittingDifference(
  before: Sitting | undefined,
  after: Sitting | undefined,
  room: (id: string) => string,
): Difference[] {
  if (before && after) {
    const changes = cutChanges(before, after, room);
    return changes.length > 0 ? [said("changed", `${named(before)}: ${changes.join(", ")}`)] : [];
  }
  if (after) return [said("added", named(after))];
  return before ? [said("removed", named(before))] : [];
}

function cutChanges(before: Sitting, after: Sitting, room: (id: string) => string): string[] {
  const changes: string[] = [];
  if (endOf(before) !== endOf(after)) {
    changes.push(`until ${after.end} instead of ${before.end}`);
  }
  if (before.slotMinutes !== after.slotMinutes) {
    changes.push(`slots of ${after.slotMinutes} min instead of ${before.slotMinutes}`);
  }
  if (before.bufferMinutes !== after.bufferMinutes) {
    changes.push(`buffer ${after.bufferMinutes} min instead of ${before.bufferMinutes}`);
  }
  for (const [field, word] of CAPACITIES) {
    if (before[field] !== after[field]) {
      changes.push(`${after[field]} ${word} instead of ${before[field]}`);
    }
  }
  if (before.roomId !== after.roomId) {
    changes.push(after.roomId ? `in ${room(after.roomId)}` : "without a room");
  }
  return changes;
}

const CAPACITIES = [
  ["inPerson", "in person"],
  ["tele", "by video"],
  ["total", "in all"],
] as const;

function dates(before: Editable, after: Editable): Difference[] {
  const found: Difference[] = [];
  if (before.effectiveFrom !== after.effectiveFrom) {
    found.push(said("changed", `In effect from ${fullDate(after.effectiveFrom)}`));
  }
  if (before.effectiveUntil !== after.effectiveUntil) {
    const until = after.effectiveUntil;
    found.push(said("changed", until ? `In effect until ${fullDate(until)}` : "No end date"));
  }
  return found;
}

function named(sitting: Sitting): string {
  const when = span(minutesOf(sitting.start), endOf(sitting));
  return `${weekdayName(sitting.weekday)} ${when}`;
}

// A day's sittings do not overlap, so the start tells them apart.
function keyOf({ weekday, start }: Sitting): string {
  return `${weekday} ${start}`;
}

function said(what: Difference["what"], text: string): Difference {
  return { what, text };
}
