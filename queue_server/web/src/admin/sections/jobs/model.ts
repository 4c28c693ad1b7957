// Work that is due, in words.

const KINDS: Readonly<Record<string, string>> = {
  audit_root: "Seals of the audit",
  bookability: "Whether doctors can be booked",
  extend_slots: "Times further ahead",
  prune: "What is out of date to be removed",
  sweep: "Deadlines to be looked for",
  hold_expiry: "Ends of holds",
  generate_slots: "Times to be made",
  queue_tick: "Queues to be looked at",
  send_message: "Messages to be sent",
  send_urgent_message: "Urgent messages to be sent",
  notify: "People to be told",
  announce: "Broadcasts to be told",
  ahead: "Who is nearly next",
  waitlist_match: "Freed times to be offered",
  waitlist_answer: "Ends of offers",
  waitlist_expiry: "Waitlist entries that end",
  payment_open: "Payments to be opened",
  payment_settle: "Payments to be settled",
  payment_refund: "Payments to be given back",
  payment_cancel: "Payments to be called off",
};

/** What a kind of work is: in words where we have them, else as it is named. */
export function jobWords(kind: string): string {
  const known = KINDS[kind];
  if (known) return known;
  const words = kind.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** "on time", "40 s late", "5 min late": how overdue the oldest is. */
export function lateWords(seconds: number): string {
  if (seconds < 5) return "on time";
  if (seconds < 90) return `${Math.round(seconds)} s late`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min late`;
  return `${Math.round(seconds / 3600)} h late`;
}
