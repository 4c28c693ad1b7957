import type { QueuePolicy } from "../../../../generated/contract";
import type { Fault } from "./clinic";

// The queue policy as a form of numbers: what each means, and between which bounds it lies.

type NumberField = Exclude<keyof QueuePolicy, "latePolicy">;

export type PolicyDraft = Record<NumberField, string> & { latePolicy: string; version: number };

interface PolicyField {
  name: NumberField;
  label: string;
  hint: string;
  min: number;
  max: number;
}

export interface PolicyGroup {
  title: string;
  fields: readonly PolicyField[];
}

const DAY = 1440;

export const POLICY_GROUPS: readonly PolicyGroup[] = [
  {
    title: "Windows and waiting",
    fields: [
      {
        name: "windowMinutes",
        label: "Window",
        hint: "Minutes in which an order holds",
        min: 5,
        max: 720,
      },
      {
        name: "slaWaitMinutes",
        label: "Longest wait",
        hint: "Minutes; a longer one counts as a breach",
        min: 0,
        max: DAY,
      },
    ],
  },
  {
    title: "Early and late",
    fields: [
      {
        name: "earlyMax",
        label: "Early at most",
        hint: "Minutes; earlier arrivals wait for their window",
        min: 0,
        max: DAY,
      },
      {
        name: "lateAfter",
        label: "Late after",
        hint: "Minutes past the appointment",
        min: 0,
        max: DAY,
      },
      {
        name: "graceMinutes",
        label: "Grace",
        hint: "Minutes before a no-show is final",
        min: 0,
        max: DAY,
      },
      {
        name: "releaseAfter",
        label: "Release after",
        hint: "Minutes until the place goes to somebody else",
        min: 1,
        max: 720,
      },
    ],
  },
  {
    title: "Skipping, holding, cancelling",
    fields: [
      {
        name: "skipBehind",
        label: "Skipped behind",
        hint: "How many places back",
        min: 1,
        max: 50,
      },
      {
        name: "skipMax",
        label: "Skips at most",
        hint: "Then the patient must be moved by hand",
        min: 0,
        max: 50,
      },
      {
        name: "holdsPerPatient",
        label: "Holds at once",
        hint: "Slots a patient may hold while booking",
        min: 1,
        max: 50,
      },
      {
        name: "cancelDeadlineMinutes",
        label: "Cancel until",
        hint: "Minutes before the appointment",
        min: 0,
        max: 43200,
      },
    ],
  },
];

export const LATE_POLICIES = [
  { value: "key", label: "Where their appointment time puts them" },
  { value: "behind_two", label: "Behind the next two" },
];

export const POLICY_WORDS: Readonly<Record<string, string>> = Object.fromEntries([
  ...POLICY_GROUPS.flatMap(({ fields }) => fields.map(({ name, label }) => [name, label])),
  ["latePolicy", "Who comes late"],
]);

/** A policy, to be edited. */
export function policyDraftOf(policy: QueuePolicy, version: number): PolicyDraft {
  const numbers = POLICY_GROUPS.flatMap(({ fields }) =>
    fields.map(({ name }) => [name, String(policy[name])]),
  );
  return { ...Object.fromEntries(numbers), latePolicy: policy.latePolicy, version } as PolicyDraft;
}

/** What lies out of its bounds. */
export function policyFaults(draft: PolicyDraft): Fault[] {
  return POLICY_GROUPS.flatMap(({ fields }) => fields).flatMap(({ name, min, max }) => {
    const typed = draft[name].trim();
    const isWithin = /^\d{1,6}$/.test(typed) && Number(typed) >= min && Number(typed) <= max;
    return isWithin ? [] : [{ field: name, message: `Give a whole number from ${min} to ${max}.` }];
  });
}

/** The body that saves a policy. */
export function policyBody(draft: PolicyDraft): Record<string, unknown> {
  const numbers = POLICY_GROUPS.flatMap(({ fields }) =>
    fields.map(({ name }) => [name, Number(draft[name])]),
  );
  return { ...Object.fromEntries(numbers), latePolicy: draft.latePolicy };
}
