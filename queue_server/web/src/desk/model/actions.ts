import type { EntryState, StaffEntry } from "../../generated/contract";

// Which commands make sense for an entry; the one table behind buttons, keys and palette.

export type EntryAction =
  | "call"
  | "arrived"
  | "start"
  | "finish"
  | "recall"
  | "no-show"
  | "skip"
  | "up"
  | "down"
  | "move"
  | "triage"
  | "transfer"
  | "cancel";

const ALLOWED: Record<EntryState, readonly EntryAction[]> = {
  expected: ["arrived", "no-show", "up", "down", "move", "triage", "transfer", "cancel"],
  waiting: ["call", "no-show", "skip", "up", "down", "move", "triage", "transfer", "cancel"],
  called: ["start", "recall", "no-show", "skip", "finish", "transfer", "cancel"],
  in_consultation: ["finish"],
  completed: [],
  no_show: ["arrived"],
  cancelled: [],
};

/** Whether `action` is open to `entry`, in a line of `total`. */
export function allows(entry: StaffEntry, action: EntryAction, total: number): boolean {
  if (!ALLOWED[entry.state].includes(action)) return false;
  if (action === "up") return (entry.position ?? 1) > 1;
  if (action === "down") return (entry.position ?? total) < total;
  if (action === "move") return total > 1;
  return true;
}
