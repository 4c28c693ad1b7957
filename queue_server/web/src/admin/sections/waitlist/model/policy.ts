import type { PreviewPlace, WaitlistPolicy } from "../../../../generated/contract";
import type { FieldError } from "../../../../staff/draft";

// The waitlist policy as a form holds it: what was typed, checked by the rules the server keeps.

export interface PolicyDraft {
  maxQueueSize: string;
  autoExpiryHours: string;
  autoPromoteBufferMinutes: string;
  inviteMinutes: string;
  autoInvite: boolean;
  minLeadMinutes: string;
  quietStart: string;
  quietEnd: string;
  waitTime: string;
  membershipLevel: string;
  chronicCondition: string;
  windowFit: string;
  routine: string;
  soon: string;
  urgent: string;
  excludedVisitTypes: string[];
  overrides: Record<string, string>;
  version: number;
}

interface NumberField {
  name: {
    [K in keyof PolicyDraft]-?: PolicyDraft[K] extends string ? K : never;
  }[keyof PolicyDraft];
  /** The server's name of the field. */
  at: string;
  label: string;
  hint: string;
  min: number;
  max: number;
  /** Whether parts of one are allowed. */
  isDecimal?: boolean;
}

export const RULES: readonly NumberField[] = [
  {
    name: "maxQueueSize",
    at: "maxQueueSize",
    label: "Most who wait",
    hint: "Whoever comes after is told that the list is full",
    min: 1,
    max: 20_000,
  },
  {
    name: "autoExpiryHours",
    at: "autoExpiryHours",
    label: "An entry ends after",
    hint: "Hours; 720 are thirty days",
    min: 1,
    max: 17_520,
  },
];

export const OFFERS: readonly NumberField[] = [
  {
    name: "inviteMinutes",
    at: "inviteMinutes",
    label: "Time to answer",
    hint: "Minutes for which an offered time is held",
    min: 1,
    max: 1_440,
  },
  {
    name: "minLeadMinutes",
    at: "minLeadMinutes",
    label: "Shortest notice",
    hint: "Minutes before a time within which the list offers it no more",
    min: 0,
    max: 10_080,
  },
  {
    name: "autoPromoteBufferMinutes",
    at: "autoPromoteBufferMinutes",
    label: "Booked without asking",
    hint: "Minutes after the shortest notice, for who has agreed to that",
    min: 0,
    max: 10_080,
  },
];

export const WEIGHTS: readonly NumberField[] = [
  {
    name: "waitTime",
    at: "priorityWeights.waitTime",
    label: "A day of waiting",
    hint: "Twice for who should come soon, four times for urgent ones",
    min: 0.01,
    max: 100,
    isDecimal: true,
  },
  {
    name: "chronicCondition",
    at: "priorityWeights.chronicCondition",
    label: "A chronic condition",
    hint: "Points, once",
    min: 0,
    max: 100,
    isDecimal: true,
  },
  {
    name: "windowFit",
    at: "priorityWeights.windowFit",
    label: "A wish that a time fits",
    hint: "Points, for that time",
    min: 0,
    max: 100,
    isDecimal: true,
  },
  {
    name: "membershipLevel",
    at: "priorityWeights.membershipLevel",
    label: "A gold membership",
    hint: "Points; less than a day of waiting and than a chronic condition",
    min: 0,
    max: 100,
    isDecimal: true,
  },
];

export const TARGETS: readonly NumberField[] = [
  {
    name: "urgent",
    at: "targetDays.urgent",
    label: "Urgent",
    hint: "Days",
    min: 0.1,
    max: 365,
    isDecimal: true,
  },
  {
    name: "soon",
    at: "targetDays.soon",
    label: "Soon",
    hint: "Days",
    min: 0.1,
    max: 365,
    isDecimal: true,
  },
  {
    name: "routine",
    at: "targetDays.routine",
    label: "Routine",
    hint: "Days",
    min: 0.1,
    max: 365,
    isDecimal: true,
  },
];

const NUMBERS = [...RULES, ...OFFERS, ...WEIGHTS, ...TARGETS];

export const POLICY_WORDS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(NUMBERS.map(({ name, label }) => [name, label])),
  autoInvite: "Offers by itself",
  quietStart: "Quiet from",
  quietEnd: "Quiet until",
  excludedVisitTypes: "Kinds of visit without a list",
  overrides: "Words",
};

/** A policy, to be edited. */
export function draftOf(policy: WaitlistPolicy, version: number): PolicyDraft {
  const { priorityWeights: weights, targetDays: targets, quietHours: quiet } = policy;
  return {
    maxQueueSize: String(policy.maxQueueSize),
    autoExpiryHours: String(policy.autoExpiryHours),
    autoPromoteBufferMinutes: String(policy.autoPromoteBufferMinutes),
    inviteMinutes: String(policy.inviteMinutes),
    autoInvite: policy.autoInvite,
    minLeadMinutes: String(policy.minLeadMinutes),
    quietStart: quiet.start,
    quietEnd: quiet.end,
    waitTime: String(weights.waitTime),
    membershipLevel: String(weights.membershipLevel),
    chronicCondition: String(weights.chronicCondition),
    windowFit: String(weights.windowFit),
    routine: String(targets.routine),
    soon: String(targets.soon),
    urgent: String(targets.urgent),
    excludedVisitTypes: [...policy.excludedVisitTypes],
    overrides: policy.notificationTemplateOverrides,
    version,
  };
}

/** What is wrong with what was typed, by the server's names of the fields. */
export function policyFaults(draft: PolicyDraft): FieldError[] {
  const faults = NUMBERS.flatMap((field) => numberFault(field, draft[field.name]));
  if (faults.length > 0) return faults;
  const [wait, chronic, gold] = [draft.waitTime, draft.chronicCondition, draft.membershipLevel].map(
    typedNumber,
  ) as [number, number, number];
  if (gold > 0 && gold >= Math.min(wait, chronic))
    faults.push({
      field: "priorityWeights.membershipLevel",
      message: `A membership must count less than clinical need: below ${Math.min(wait, chronic)}.`,
    });
  const [urgent, soon, routine] = [draft.urgent, draft.soon, draft.routine].map(typedNumber) as [
    number,
    number,
    number,
  ];
  if (urgent > soon)
    faults.push({ field: "targetDays.urgent", message: "Not later than those who come soon." });
  if (soon > routine)
    faults.push({ field: "targetDays.soon", message: "Not later than routine visits." });
  for (const [field, time] of [
    ["quietHours.start", draft.quietStart],
    ["quietHours.end", draft.quietEnd],
  ] as const)
    if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(time))
      faults.push({ field, message: "Give a time of day." });
  return faults;
}

function numberFault({ at, min, max, isDecimal }: NumberField, typed: string): FieldError[] {
  const shape = isDecimal ? /^\d{1,3}([.,]\d{1,4})?$/ : /^\d{1,6}$/;
  const value = typedNumber(typed);
  if (shape.test(typed.trim()) && value >= min && value <= max) return [];
  return [
    { field: at, message: `Give a ${isDecimal ? "" : "whole "}number from ${min} to ${max}.` },
  ];
}

function typedNumber(typed: string): number {
  return Number(typed.trim().replace(",", "."));
}

/** The policy that a form without faults describes. */
export function policyOf(draft: PolicyDraft): WaitlistPolicy {
  const of = (name: NumberField["name"]): number => typedNumber(draft[name]);
  return {
    maxQueueSize: of("maxQueueSize"),
    autoExpiryHours: of("autoExpiryHours"),
    autoPromoteBufferMinutes: of("autoPromoteBufferMinutes"),
    inviteMinutes: of("inviteMinutes"),
    autoInvite: draft.autoInvite,
    minLeadMinutes: of("minLeadMinutes"),
    quietHours: { start: draft.quietStart, end: draft.quietEnd },
    priorityWeights: {
      waitTime: of("waitTime"),
      membershipLevel: of("membershipLevel"),
      chronicCondition: of("chronicCondition"),
      windowFit: of("windowFit"),
    },
    targetDays: { routine: of("routine"), soon: of("soon"), urgent: of("urgent") },
    notificationTemplateOverrides: draft.overrides,
    excludedVisitTypes: draft.excludedVisitTypes,
  };
}

/** "2 of 9 people move": what a preview comes to. */
export function previewWords(places: readonly PreviewPlace[]): string {
  if (places.length === 0) return "Nobody waits at this clinic: there is no order to change.";
  const moved = places.filter(({ now, then }) => now !== then).length;
  if (moved === 0) return "Nobody's place changes.";
  return `${moved} of ${places.length} ${places.length === 1 ? "person moves" : "people move"}.`;
}

/** "up 2" or "down 1": how somebody moves; empty for who stays. */
export function moveWords({ now, then }: Pick<PreviewPlace, "now" | "then">): string {
  if (now === then) return "";
  return now > then ? `up ${now - then}` : `down ${then - now}`;
}
