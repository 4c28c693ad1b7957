import type { Schedule, Sitting } from "../wire";
import { fullDate, minutesOf, span, weekdayName } from "./wall-time";
import { endOf } from "./week";

/** One difference between two versions of a schedule, as a sentence. */
export interface Difference {
  what: "added" | "removed" | "changed";
  text: string;
}

export type Editable = Readonly<Pick<Schedule, "effectiveFrom" | "effectiveUntil">> & {
  sittings: readonly Sitting[];
};

/** What rooms and equipment are called. */
export interface Names {
  room: (id: string) => string;
  equipment: (id: string) => string;
}

const UNNAMED: Names = { room: () => "another room", equipment: () => "other equipment" };

/** What leads from one version of a schedule to the next; sittings of one day and start are one. */
export function differences(
  before: Editable,
  after: Editable,
  names: Names = UNNAMED,
): Difference[] {
  return [...weekDifferences(before.sittings, after.sittings, names), ...dates(before, after)];
}

/**
 * Both people's changes in one: whatever only one of them changed is as they made it, and where
 * both changed the same sitting or date, `mine` holds.
 */
export function merged(before: Editable, theirs: Editable, mine: Editable): Editable {
  const old = bySitting(before);
  const ours = bySitting(mine);
  const other = bySitting(theirs);
  const isMine = (key: string) => written(old.get(key)) !== written(ours.get(key));
  const keys = [...new Set([...old.keys(), ...ours.keys(), ...other.keys()])];
  const chosen = <K extends "effectiveFrom" | "effectiveUntil">(field: K): Editable[K] =>
    mine[field] === before[field] ? theirs[field] : mine[field];
  return {
    effectiveFrom: chosen("effectiveFrom"),
    effectiveUntil: chosen("effectiveUntil"),
    sittings: keys.flatMap((key) => (isMine(key) ? ours : other).get(key) ?? []),
  };
}

function bySitting({ sittings }: Pick<Editable, "sittings">): Map<string, Sitting> {
  return new Map(sittings.map((one) => [keyOf(one), one]));
}

function written(sitting: Sitting | undefined): string {
  // The order of the fields is whoever's wrote them.
  return JSON.stringify(sitting && Object.entries(sitting).sort());
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
  names: Names,
): Difference[] {
  const old = bySitting({ sittings: before });
  const fresh = bySitting({ sittings: after });
  const keys = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  return keys.flatMap((key) => sittingDifference(old.get(key), fresh.get(key), names));
}

function sittingDifference(
  before: Sitting | undefined,
  after: Sitting | undefined,
  names: Names,
): Difference[] {
  if (before && after) {
    const changes = cutChanges(before, after, names);
    return changes.length > 0 ? [said("changed", `${named(before)}: ${changes.join(", ")}`)] : [];
  }
  if (after) return [said("added", named(after))];
  return before ? [said("removed", named(before))] : [];
}

function cutChanges(before: Sitting, after: Sitting, names: Names): string[] {
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
    changes.push(after.roomId ? `in ${names.room(after.roomId)}` : "without a room");
  }
  if (before.equipmentIds.join() !== after.equipmentIds.join()) {
    const equipment = after.equipmentIds.map(names.equipment).join(" and ");
    changes.push(equipment ? `with ${equipment}` : "without equipment");
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
