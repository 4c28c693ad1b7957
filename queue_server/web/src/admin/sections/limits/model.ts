import type { RateLimitsView } from "../../../generated/contract";
import type { FieldError } from "../../../staff/draft";

// How many requests and messages a minute, as they are typed.

export type LimitName = keyof RateLimitsView;
export type LimitsDraft = Record<LimitName, string> & { version: number };

interface Limit {
  name: LimitName;
  label: string;
  hint: string;
}

export const LIMIT_GROUPS: readonly { title: string; limits: readonly Limit[] }[] = [
  {
    title: "The public, by address",
    limits: [
      { name: "addressReadsPerMinute", label: "Reads", hint: "Trackers, search and booking" },
      { name: "addressWritesPerMinute", label: "Writes", hint: "Signing in among them" },
    ],
  },
  {
    title: "One account",
    limits: [
      { name: "userReadsPerMinute", label: "Reads", hint: "Of one member of staff or patient" },
      { name: "userWritesPerMinute", label: "Writes", hint: "Of one member of staff or patient" },
    ],
  },
  {
    title: "The whole organisation",
    limits: [
      { name: "tenantReadsPerMinute", label: "Reads", hint: "All tracking links together" },
      { name: "tenantWritesPerMinute", label: "Writes", hint: "All accounts together" },
    ],
  },
  {
    title: "Messages: what is too many waits, and half is kept for what cannot",
    limits: [
      { name: "emailMessagesPerMinute", label: "E-mails", hint: "Sent a minute" },
      { name: "smsMessagesPerMinute", label: "Texts", hint: "Sent a minute" },
      { name: "whatsappMessagesPerMinute", label: "WhatsApp messages", hint: "Sent a minute" },
      { name: "pushMessagesPerMinute", label: "Pushes", hint: "Sent a minute" },
    ],
  },
];

const LIMITS = LIMIT_GROUPS.flatMap(({ title, limits }) =>
  limits.map((limit) => ({ ...limit, title })),
);

export const LIMIT_WORDS: Readonly<Record<string, string>> = Object.fromEntries(
  LIMITS.map(({ name, label, title }) => [name, `${title.split(":")[0]}: ${label.toLowerCase()}`]),
);

/** Limits, to be edited. */
export function limitsDraft(limits: RateLimitsView, version: number): LimitsDraft {
  const typed = LIMITS.map(({ name }) => [name, String(limits[name])]);
  return { ...Object.fromEntries(typed), version } as LimitsDraft;
}

/** What is no number; an empty field is as much as the installation grants. */
export function limitFaults(draft: LimitsDraft): FieldError[] {
  return LIMITS.flatMap(({ name }) =>
    /^([1-9]\d{0,8})?$/.test(draft[name].trim())
      ? []
      : [{ field: name, message: "Give a whole number from 1, or leave it empty." }],
  );
}

/** The body that sets the limits. */
export function limitsBody(draft: LimitsDraft): Record<string, number | null> {
  return Object.fromEntries(
    LIMITS.map(({ name }) => [name, draft[name].trim() ? Number(draft[name]) : null]),
  );
}
