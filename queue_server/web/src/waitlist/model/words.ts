import type {
  AuditView,
  CandidateView,
  PartOfDay,
  RequestedWindowView,
  ScoreReasonView,
  StaffEntryView,
  Urgency,
  WaitlistPolicy,
  WaitlistStatus,
} from "../../generated/contract";
import { duration, fullDate, shortDate, wallClock, wallTime } from "../../schedule/model/wall-time";

// What the waitlist says, in words: who waits for what, since when, and why they stand where they do.

/** "Mon 23 Nov, 09:15" by the clinic's clock. */
export function moment(instant: string, zone: string): string {
  const { date, minutes } = wallClock(instant, zone);
  return `${shortDate(date)}, ${wallTime(minutes)}`;
}

export const STATUS_WORDS: Readonly<Record<WaitlistStatus, string>> = {
  active: "Waiting",
  deferred: "Deferred",
  invited: "Invited",
  promoted: "Booked",
  expired: "Expired",
  cancelled: "Cancelled",
};

export const URGENCY_WORDS: Readonly<Record<Urgency, string>> = {
  routine: "Routine",
  soon: "Soon",
  urgent: "Urgent",
};

const PART_WORDS: Readonly<Record<PartOfDay, string>> = {
  morning: "mornings",
  afternoon: "afternoons",
  evening: "evenings",
  night: "nights",
};

/** "12 days", "1 day", "5 h", "under 1 h": how long, in the unit that fits. */
export function daysWords(days: number): string {
  if (days < 1 / 24) return "under 1 h";
  if (days < 1) return `${Math.floor(days * 24)} h`;
  const whole = Math.floor(days);
  return `${whole} ${whole === 1 ? "day" : "days"}`;
}

/** How long somebody has waited, at `now` in milliseconds. */
export function waitedWords(entry: Pick<StaffEntryView, "createdAt">, now: number): string {
  return daysWords((now - Date.parse(entry.createdAt)) / 86_400_000);
}

/** "+3.0": points, to be read beside their reason. */
export function pointsWords(points: number): string {
  return `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(1)}`;
}

/** One part of a score, as a sentence would say it. */
export function reasonWords({ code, days }: ScoreReasonView, urgency: Urgency): string {
  switch (code) {
    case "waited": {
      const waited = `Has waited ${daysWords(days ?? 0)}`;
      if (urgency === "urgent") return `${waited}; an urgent day counts four times`;
      return urgency === "soon" ? `${waited}; a day of this urgency counts twice` : waited;
    }
    case "urgency":
      return urgency === "urgent" ? "Urgent: a head start" : "Should be seen soon: a head start";
    case "chronic_condition":
      return "Has a chronic condition";
    case "membership":
      return "Membership; always less than any clinical need";
    case "window_fit":
      return "The time fits what they wish for";
    case "overdue":
      return `Waits ${daysWords(days ?? 0)} too long: comes before all who do not`;
  }
}

/** Why somebody stands where they do, in one sentence for a list. */
export function rankWords(entry: StaffEntryView): string {
  if (entry.overrideReason !== null)
    return entry.overrideReason
      ? `Placed here by staff: ${entry.overrideReason}`
      : "Placed here by staff";
  if (entry.isOverdue)
    return "Has waited too long: comes before all who have not, the oldest first";
  return "By points: the order of the list";
}

/** When somebody would like to come: "mornings, until Fri 27 Nov". */
export function wishWords(window: RequestedWindowView, zone: string): string {
  const parts = window.partsOfDay.map((part) => PART_WORDS[part]).join(" or ");
  const on = (instant: string): string => shortDate(wallClock(instant, zone).date);
  const dates =
    window.start && window.end
      ? `${on(window.start)} – ${on(window.end)}`
      : window.start
        ? `from ${on(window.start)}`
        : window.end
          ? `until ${on(window.end)}`
          : "";
  return [parts, dates].filter(Boolean).join(", ") || "any time";
}

const UNFIT_WORDS: Readonly<Record<NonNullable<CandidateView["unfit"]>, string>> = {
  not_waiting: "does not wait any more",
  invited: "is asked about another time just now",
  deferred: "is deferred",
  other_clinic: "waits at another clinic",
  other_doctor: "waits for another doctor",
  other_mode: "wants to be seen in another way",
  outside_window: "cannot come on that day",
  other_part_of_day: "cannot come in that part of the day",
  excluded_visit_type: "a kind of visit the list does not offer times for",
  too_short_notice: "too soon for the list to ask",
  not_wanted: "has declined this time or left it unanswered",
};

/** Why a time is not offered to somebody by the list. */
export function unfitWords(why: NonNullable<CandidateView["unfit"]>): string {
  return UNFIT_WORDS[why];
}

const ACTIONS: Readonly<Record<string, string>> = {
  waitlist_joined: "Joined the list",
  waitlist_edited: "Wish changed",
  waitlist_overridden: "Place decided by staff",
  waitlist_deferred: "Deferred",
  waitlist_resumed: "Waits again",
  waitlist_invited: "A time was offered",
  waitlist_invite_ended: "The offer came to nothing",
  waitlist_promoted: "Booked",
  waitlist_expired: "Expired",
  waitlist_cancelled: "Cancelled",
};

/** What was done with an entry. */
export function auditWords({ action }: Pick<AuditView, "action">): string {
  const known = ACTIONS[action];
  if (known) return known;
  const words = action.replace(/^waitlist_/, "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What the list goes by, each rule in a few words. */
export function policyWords(policy: WaitlistPolicy): string[] {
  const { quietHours: quiet } = policy;
  return [
    `Up to ${policy.maxQueueSize} wait`,
    policy.autoInvite ? "Freed times are offered by themselves" : "Times are offered by hand only",
    `Offers are answered within ${duration(policy.inviteMinutes)}`,
    policy.minLeadMinutes > 0
      ? `Not sooner than ${duration(policy.minLeadMinutes)} before`
      : "Up to the last minute",
    quiet.start === quiet.end ? "No quiet hours" : `Nobody is told ${quiet.start}–${quiet.end}`,
    `After ${daysWords(policy.autoExpiryHours / 24)} an entry ends`,
  ];
}

/** How the weights read: "a routine day 1, a chronic condition 3, …". */
export function weightWords({ priorityWeights: weights }: WaitlistPolicy): string {
  return (
    `A day of waiting ${weights.waitTime}, soon twice, urgent four times; ` +
    `a chronic condition ${weights.chronicCondition}, a wish that fits ${weights.windowFit}, ` +
    `a membership up to ${weights.membershipLevel}.`
  );
}

/** "Monday 23 November 2026" for an instant. */
export function dayWords(instant: string, zone: string): string {
  return fullDate(wallClock(instant, zone).date);
}
