import type { Leave, LeaveStatus } from "../wire";
import { addDays, dayMonth, shortDate } from "./wall-time";

export const LEAVE_TYPES = [
  "annual",
  "sick",
  "study",
  "conference",
  "parental",
  "compassionate",
  "unpaid",
  "other",
] as const;

/** Shape and word of a state: the shape is read without the colour. */
export const STATUS: Record<LeaveStatus, { shape: string; word: string; tone: string }> = {
  requested: { shape: "◔", word: "Waiting for an answer", tone: "warn" },
  approved: { shape: "✓", word: "Approved", tone: "ok" },
  rejected: { shape: "✕", word: "Rejected", tone: "danger" },
  cancelled: { shape: "–", word: "Cancelled", tone: "plain" },
};

/** "Mon 23 – Fri 27 Nov", "Mon 23 Nov, 09:00–12:00". */
export function leaveDates(leave: Pick<Leave, "first" | "last" | "start" | "end">): string {
  if (leave.first !== leave.last) return `${shortDate(leave.first)} – ${shortDate(leave.last)}`;
  const day = shortDate(leave.first);
  return leave.start !== null && leave.end !== null
    ? `${day}, ${leave.start.slice(0, 5)}–${leave.end.slice(0, 5)}`
    : day;
}

export interface Viewer {
  id: string;
  role: string;
  doctorId: string | null;
}

/** Why this person may not decide about a request; null when they may. */
export function whyNotDecide(leave: Leave, viewer: Viewer): string | null {
  if (leave.status !== "requested") return "It is decided already.";
  if (leave.doctorId === viewer.doctorId) {
    return "This is your own leave: somebody else has to decide about it.";
  }
  if (leave.requestedBy?.id === viewer.id) {
    return "You made this request: somebody else has to decide about it.";
  }
  if (viewer.role !== "admin" && viewer.role !== "department_head") {
    return "Only the department's head or an admin decides about leave.";
  }
  return null;
}

export interface LeaveForm {
  first: string;
  last: string;
  partOfDay: boolean;
  start: string;
  end: string;
}

/** Who falls ill does not ask first. */
const LATEST_DAYS = 31;

/** What is wrong with a request, by field. */
export function leaveFaults(form: LeaveForm, today: string): Record<string, string> {
  const found: Record<string, string> = {};
  if (!form.first) found.first = "Choose the first day.";
  else if (form.first < addDays(today, -LATEST_DAYS)) {
    found.first = `Leave can begin ${LATEST_DAYS} days ago at most.`;
  }
  if (form.partOfDay) {
    if (!form.start) found.start = "Enter a time.";
    if (!form.end) found.end = "Enter a time.";
    else if (form.start && form.end <= form.start) found.end = "The end must be after the start.";
  } else if (!form.last) found.last = "Choose the last day.";
  else if (form.first && form.last < form.first) {
    found.last = "The last day must not be before the first.";
  }
  return found;
}

/** "approved by Dr Head on 23 Nov" or what else became of it. */
export function decisionWords(leave: Leave): string {
  const who = leave.decidedBy ? ` by ${leave.decidedBy.name}` : "";
  const when = leave.decidedAt ? ` on ${dayMonth(leave.decidedAt.slice(0, 10))}` : "";
  const why = leave.decisionReason ? `: ${leave.decisionReason}` : "";
  return `${STATUS[leave.status].word}${who}${when}${why}`;
}
