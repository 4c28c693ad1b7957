import { NoAnswer, Refused } from "../../shared/http";

// What to do next when the server refuses something about the waitlist.

const NEXT: Readonly<Record<string, string>> = {
  slot_unavailable: "That time was just taken: choose another one.",
  slot_blocked: "Choose another time, or let an administrator unblock this one.",
  slot_past: "Choose a later time.",
  mode_not_offered: "Choose another time.",
  hold_expired: "Choose the time again.",
  capacity_reached: "Choose another day.",
  resource_taken: "Choose another time.",
  stale_version: "The list shows what it is now: look again.",
  not_found: "The list shows who waits now.",
};

/** Why something was not done, and what to do next. */
export function waitlistRefusal(error: Error): string {
  if (error instanceof NoAnswer)
    return "The server cannot be reached. The list shows what it holds; try again.";
  if (!(error instanceof Refused)) return error.message;
  const { code, status, errors } = error.problem;
  const more = errors.flatMap(({ message }) => message ?? []);
  const said = [error.message, ...more.filter((one) => !error.message.includes(one))].join(" ");
  if (status === 412) return "Somebody else changed this entry. The list shows it as it is now.";
  const next = NEXT[code] ?? "";
  return next && !said.includes(next) ? `${said} ${next}` : said;
}
