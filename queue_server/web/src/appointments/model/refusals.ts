import { NoAnswer, Refused } from "../../shared/http";
import type { FieldError } from "../../staff/draft";

// What to do next when the server refuses.

const NEXT: Readonly<Record<string, string>> = {
  slot_unavailable: "Choose another time.",
  slot_blocked: "Choose another time, or let an administrator unblock this one.",
  slot_past: "Choose a later time.",
  mode_not_offered: "Choose another time, or the other way of meeting.",
  hold_expired: "Hold it again, or choose another time; what you typed is kept.",
  hold_limit_reached: "Book or give up one of the times you hold.",
  capacity_reached: "Choose another day.",
  other_time_zone: "Choose another day.",
  resource_taken: "Leave the equipment out, or choose another time.",
  queue_closed: "That day is closed: choose another day.",
  illegal_transition: "Look at the desk: they are called, seen or gone already.",
  undo_expired: "Move them by hand instead.",
  undo_superseded: "Move them by hand instead.",
  too_late_to_cancel: "Ask an administrator.",
};

/** Why something was not done, and what to do next. */
export function refusalWords(error: Error): string {
  if (error instanceof NoAnswer)
    return "The server cannot be reached. Try again: the same is never done twice.";
  if (!(error instanceof Refused)) return error.message;
  const { code, status, errors } = error.problem;
  const more = errors.flatMap(({ message }) => message ?? []);
  const said = [error.message, ...more.filter((one) => !error.message.includes(one))].join(" ");
  const next = NEXT[code] ?? (status === 404 ? "Read the list again: it may be gone." : "");
  return next && !said.includes(next) ? `${said} ${next}` : said;
}

/** Whether the time itself is gone, so that others near it help. */
export function isTimeGone(error: Error): boolean {
  const gone = /^(slot_|mode_not_offered|hold_expired)/;
  return error instanceof Refused && gone.test(error.problem.code);
}

/** The same refusal with what to do next. */
export function explained(error: Error): Error {
  if (!(error instanceof Refused)) return error;
  return new Refused({ ...error.problem, detail: refusalWords(error) });
}

/** What the server would refuse, told without asking it. */
export function incomplete(errors: readonly FieldError[]): Refused {
  return new Refused({
    type: "about:blank",
    title: "Not complete",
    status: 422,
    detail: "Please look at the marked fields.",
    code: "incomplete",
    errors: errors.map(({ field, message }) => ({ field, message })),
  });
}
