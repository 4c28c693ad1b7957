import { isSame, type Week, weekFrom, wireOf } from "../model/week";
import type { Schedule } from "../wire";

/** A schedule while it is edited. */
export interface Editing {
  week: Week;
  effectiveFrom: string;
  /** Empty: until further notice. */
  effectiveUntil: string;
  clinicId: string;
}

/** What can be edited of a schedule. */
export function editingOf(schedule: Schedule): Editing {
  return {
    week: weekFrom(schedule.sittings),
    effectiveFrom: schedule.effectiveFrom,
    effectiveUntil: schedule.effectiveUntil ?? "",
    clinicId: schedule.clinicId,
  };
}

/** The edited schedule as it travels. */
export function bodyOf({ week, effectiveFrom, effectiveUntil }: Editing) {
  return {
    effectiveFrom,
    effectiveUntil: effectiveUntil || null,
    sittings: wireOf(week),
  };
}

/** Whether saving would change nothing. */
export function isUnchanged(editing: Editing, schedule: Schedule): boolean {
  return (
    editing.effectiveFrom === schedule.effectiveFrom &&
    editing.effectiveUntil === (schedule.effectiveUntil ?? "") &&
    isSame(editing.week, weekFrom(schedule.sittings))
  );
}

/** What is wrong with the schedule as a whole; empty when nothing is. */
export function wrongDates({ effectiveFrom, effectiveUntil, week }: Editing): string {
  if (effectiveFrom === "") return "Choose the first day.";
  if (effectiveUntil && effectiveUntil < effectiveFrom) {
    return "The last day must not be before the first.";
  }
  return week.length === 0 ? "A schedule has at least one sitting." : "";
}

/** Since when and until when, as schedules have it. */
export function datesOf({ effectiveFrom, effectiveUntil }: Editing) {
  return { effectiveFrom, effectiveUntil: effectiveUntil || null };
}
