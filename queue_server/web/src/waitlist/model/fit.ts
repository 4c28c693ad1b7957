import { placesLeft } from "../../appointments/model/times";
import type {
  Mode,
  SlotView,
  StaffEntryView,
  Unfit,
  WaitlistPolicy,
} from "../../generated/contract";

// Which of the free times are for somebody, by the same rules as the server's.

type Wish = Pick<StaffEntryView, "doctorId" | "mode" | "requestedWindow" | "visitType">;
type Free = Pick<SlotView, "doctorId" | "start" | "partOfDay" | "remaining">;

/** What keeps the list from offering a time, and not staff, who may know better. */
const BY_HAND: ReadonlySet<Unfit> = new Set(["excluded_visit_type", "too_short_notice"]);

/** In which way somebody would be seen then; null when none that they want is free. */
export function modeAt(wish: Pick<Wish, "mode">, slot: Pick<Free, "remaining">): Mode | null {
  const modes: Mode[] = wish.mode ? [wish.mode] : ["in_person", "tele"];
  return modes.find((mode) => placesLeft(slot, mode) > 0) ?? null;
}

/** Why a free time is not for somebody; null where it is. `now` in milliseconds. */
export function unfitAt(
  wish: Wish,
  slot: Free,
  policy: Pick<WaitlistPolicy, "minLeadMinutes" | "excludedVisitTypes">,
  now: number,
): Unfit | null {
  const start = Date.parse(slot.start);
  const window = wish.requestedWindow;
  if (wish.doctorId !== null && wish.doctorId !== slot.doctorId) return "other_doctor";
  if (modeAt(wish, slot) === null) return "other_mode";
  if (window.start !== null && start < Date.parse(window.start)) return "outside_window";
  if (window.end !== null && start >= Date.parse(window.end)) return "outside_window";
  if (window.partsOfDay.length > 0 && !window.partsOfDay.includes(slot.partOfDay))
    return "other_part_of_day";
  if (policy.excludedVisitTypes.includes(wish.visitType)) return "excluded_visit_type";
  return start < now + policy.minLeadMinutes * 60_000 ? "too_short_notice" : null;
}

/** Whether staff may offer a time although the list would not. */
export function mayOffer(why: Unfit | null): boolean {
  return why === null || BY_HAND.has(why);
}

/**
 * Until when a time that is offered now is to be answered: as long as the policy says, and never so
 * long that half of the time to come there is gone.
 */
export function respondBy(start: string, inviteMinutes: number, now: number): string {
  const latest = now + (Date.parse(start) - now) / 2;
  return new Date(Math.min(now + inviteMinutes * 60_000, latest)).toISOString();
}
