import type { CalendarDay, DoctorDay, Segment, Slot, SlotConflict, SlotCounts } from "../wire";
import type { Layer } from "./layers";
import { counted } from "./preview-words";
import { DAY, duration, minutesOn, wallTime } from "./wall-time";

/** A closed stretch of a calendar day, and the look of what closes it. */
export interface Closed {
  id: string;
  look: Layer | "outside";
  title: string;
  start: number;
  end: number;
  explanation: string;
}

const LOOKS: Record<string, { look: Closed["look"]; title: string }> = {
  forced_block: { look: "block", title: "Blocked" },
  emergency: { look: "emergency", title: "Emergency" },
  leave: { look: "leave", title: "Leave" },
  holiday: { look: "holiday", title: "Holiday" },
  override_closed: { look: "override", title: "Changed date" },
  maintenance: { look: "maintenance", title: "Maintenance" },
};

/** The closed stretches of a day, one for each reason. */
export function closedOf(day: Pick<CalendarDay, "date" | "timezone" | "segments">): Closed[] {
  return day.segments.filter((one) => !one.open).flatMap((one) => closed(one, day));
}

function closed(segment: Segment, { date, timezone }: Pick<CalendarDay, "date" | "timezone">) {
  const start = Math.max(0, minutesOn(date, segment.start, timezone));
  const end = Math.min(DAY, minutesOn(date, segment.end, timezone));
  const { look, title } = LOOKS[segment.kind] ?? { look: "outside" as const, title: "Closed" };
  const { explanation } = segment;
  return start < end ? [{ id: `${segment.start}`, look, title, start, end, explanation }] : [];
}

/** The open stretches of a day, for the hours that a grid must reach. */
export function openOf(day: Pick<CalendarDay, "date" | "timezone" | "segments">) {
  return day.segments
    .filter((one) => one.open)
    .map((one) => ({
      start: Math.max(0, minutesOn(day.date, one.start, day.timezone)),
      end: Math.min(DAY, minutesOn(day.date, one.end, day.timezone)),
    }));
}

/** Where a slot lies in its day's column. */
export function slotPlace(slot: Pick<Slot, "start" | "end" | "date">, zone: string) {
  return {
    start: minutesOn(slot.date, slot.start, zone),
    end: minutesOn(slot.date, slot.end, zone),
  };
}

/** "1 of 2 free", "full", "blocked", "over": a slot's state in words. */
export function slotWords(slot: Pick<Slot, "status" | "capacity" | "taken">): string {
  const free = slot.capacity.total - slot.taken.total;
  switch (slot.status) {
    case "blocked":
      return slot.taken.total > 0 ? `blocked, ${slot.taken.total} booked` : "blocked";
    case "full":
      return "full";
    case "held":
      return "being booked";
    case "past":
      return slot.taken.total > 0 ? `over, ${slot.taken.total} booked` : "over";
    case "withdrawn":
      return slot.taken.total > 0 ? `closed, ${slot.taken.total} booked` : "closed";
    default:
      return slot.capacity.total === 1 ? "free" : `${free} of ${slot.capacity.total} free`;
  }
}

/** How much of a doctor's day can still be booked: 0 nothing, 1 to 4 the more the freer. */
export function heat({ total, free }: Pick<SlotCounts, "total" | "free">): 0 | 1 | 2 | 3 | 4 {
  if (free === 0 || total === 0) return 0;
  return Math.min(4, Math.ceil((free / total) * 4)) as 1 | 2 | 3 | 4;
}

/** "12 free", "full", "closed": a day of a doctor in two words. */
export function dayWords({ slots, openMinutes, closed: why }: DoctorDay): string {
  if (slots.free > 0) return `${slots.free} free`;
  if (slots.booked > 0) return "full";
  if (slots.blocked > 0) return "blocked";
  if (openMinutes > 0) return "no slots";
  return LOOKS[why[0]?.kind ?? ""]?.title.toLowerCase() ?? "closed";
}

/** The whole day in a sentence: opening hours, slots, and what closes the rest. */
export function dayExplanation(day: DoctorDay, zone: string): string {
  const { slots, openMinutes } = day;
  const open = openMinutes > 0 ? `Open ${duration(openMinutes)}` : "Closed";
  const counts =
    slots.total > 0
      ? `, ${counted(slots.total, "slot")}: ${slots.free} free, ${slots.booked} booked${
          slots.blocked > 0 ? `, ${slots.blocked} blocked` : ""
        }`
      : "";
  const why = day.closed.map((one) => {
    const [from, to] = [
      Math.max(0, minutesOn(day.date, one.start, zone)),
      Math.min(DAY, minutesOn(day.date, one.end, zone)),
    ];
    const when = to - from >= DAY ? "" : ` (${wallTime(from)}–${wallTime(to)})`;
    return `${one.explanation}${when}`;
  });
  return [`${open}${counts}.`, ...new Set(why)].join(" ");
}

/** Appointments that lost their time, by what took it. */
export interface ConflictGroup {
  key: string;
  kind: string;
  explanation: string;
  conflicts: SlotConflict[];
}

const CAUSES: Record<string, string> = {
  leave: "this leave",
  emergency: "this emergency",
  forced_block: "this block",
  holiday: "this holiday",
  maintenance: "maintenance",
  override_closed: "changed hours of a date",
  outside_hours: "changed weekly hours",
  no_schedule: "the end of a schedule",
};

/** One group for each cause, the soonest first. */
export function byCause(conflicts: readonly SlotConflict[]): ConflictGroup[] {
  const groups = new Map<string, ConflictGroup>();
  const sorted = [...conflicts].sort((one, other) => one.start.localeCompare(other.start));
  for (const conflict of sorted) {
    const { kind, sourceId, explanation } = conflict.cause;
    const key = `${kind} ${sourceId ?? conflict.doctorId}`;
    const group = groups.get(key) ?? { key, kind, explanation, conflicts: [] };
    group.conflicts.push(conflict);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** "3 appointments hit by this leave". */
export function groupWords({ kind, conflicts }: ConflictGroup): string {
  const cause = CAUSES[kind] ?? "a change";
  return `${counted(conflicts.length, "appointment")} hit by ${cause}`;
}
