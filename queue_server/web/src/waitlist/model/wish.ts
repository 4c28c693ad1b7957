import { instantAt } from "../../shared/time";
import type { FieldError } from "../../staff/draft";

// What somebody is put on the list for, as it is typed.

export interface WishDraft {
  doctorId: string;
  from: string;
  until: string;
  partsOfDay: string[];
  mode: string;
  visitType: string;
  urgency: string;
  shortNotice: boolean;
  notes: string;
}

export const ANY_TIME: WishDraft = {
  doctorId: "",
  from: "",
  until: "",
  partsOfDay: [],
  mode: "",
  visitType: "consultation",
  urgency: "routine",
  shortNotice: false,
  notes: "",
};

/** What is wrong with the dates, by the server's names of the fields; `today` by the clinic's clock. */
export function wishFaults({ from, until }: WishDraft, today: string): FieldError[] {
  if (until && until < today)
    return [{ field: "requestedWindow.end", message: "Choose today or a later day." }];
  if (from && until && until < from)
    return [{ field: "requestedWindow.end", message: "Choose the first day or one after it." }];
  return [];
}

/** What the server takes: whole days of the clinic's clock, and nothing that was left open. */
export function wishBody(draft: WishDraft, zone: string): Record<string, unknown> {
  const { doctorId, from, until, partsOfDay, mode, visitType, urgency, shortNotice, notes } = draft;
  const midnight = (date: string): string => new Date(instantAt(date, "00:00", zone)).toISOString();
  return {
    ...(doctorId && { doctorId }),
    ...(mode && { mode }),
    visitType,
    urgency,
    shortNotice,
    notes: notes.trim(),
    requestedWindow: {
      ...(from && { start: midnight(from) }),
      ...(until && { end: midnight(dayAfter(until)) }),
      partsOfDay,
    },
  };
}

function dayAfter(date: string): string {
  return new Date(Date.parse(`${date}T12:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
