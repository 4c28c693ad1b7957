import type { ClinicCalendarView, Mode, PartOfDay, SlotView } from "../../generated/contract";
import { daysBetween } from "../../schedule/model/wall-time";

// Times that can be booked, and why others cannot.

const PARTS: readonly PartOfDay[] = ["morning", "afternoon", "evening", "night"];

/** How many patients still fit in, in this way. */
export function placesLeft(slot: Pick<SlotView, "remaining">, mode: Mode): number {
  return mode === "tele" ? slot.remaining.tele : slot.remaining.inPerson;
}

/** Whether somebody can be booked in this way. */
export function isFree(slot: Pick<SlotView, "remaining" | "status">, mode: Mode): boolean {
  return slot.status === "free" && placesLeft(slot, mode) > 0;
}

const WORDS: Partial<Record<SlotView["status"], string>> = {
  full: "full",
  held: "being booked",
  blocked: "blocked",
  past: "over",
  withdrawn: "closed",
};

/** "free", "2 free", "full", "being booked": the state of a time in this way. */
export function timeWords(slot: Pick<SlotView, "remaining" | "status">, mode: Mode): string {
  const other = WORDS[slot.status];
  if (other) return other;
  const left = placesLeft(slot, mode);
  if (left === 0) return mode === "tele" ? "not by video" : "by video only";
  return left === 1 ? "free" : `${left} free`;
}

/** The times of a day by its parts, each in the order of the clock. */
export function byPart<T extends Pick<SlotView, "partOfDay" | "start" | "doctorName">>(
  slots: readonly T[],
): { part: PartOfDay; slots: T[] }[] {
  const sorted = [...slots].sort(
    (one, other) =>
      one.start.localeCompare(other.start) || one.doctorName.localeCompare(other.doctorName),
  );
  return PARTS.map((part) => ({
    part,
    slots: sorted.filter((slot) => slot.partOfDay === part),
  })).filter((group) => group.slots.length > 0);
}

/** The free times nearest to an instant, at most `most`; of two as near, the later one first. */
export function nearest<T extends Pick<SlotView, "remaining" | "status" | "start">>(
  slots: readonly T[],
  instant: string,
  mode: Mode,
  most = 3,
): T[] {
  const wanted = Date.parse(instant);
  const away = (slot: T): number => Math.abs(Date.parse(slot.start) - wanted);
  return slots
    .filter((slot) => isFree(slot, mode))
    .sort((one, other) => away(one) - away(other) || other.start.localeCompare(one.start))
    .slice(0, most);
}

type Doctors = Pick<ClinicCalendarView, "doctors">;

/** How many times are free on each day in this way: of the doctor, or ("") of all of them. */
export function freeByDay({ doctors }: Doctors, doctorId: string, mode: Mode): Map<string, number> {
  const free = new Map<string, number>();
  for (const doctor of doctors) {
    if (doctorId && doctor.doctorId !== doctorId) continue;
    for (const { date, slots } of doctor.days) {
      const more = mode === "tele" ? slots.freeTele : slots.freeInPerson;
      free.set(date, (free.get(date) ?? 0) + more);
    }
  }
  return free;
}

/** The later of two dates: `date`, but never before `earliest`. */
export function notBefore(date: string, earliest: string): string {
  return daysBetween(earliest, date) < 0 ? earliest : date;
}
