import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { NoAnswer, Refused } from "../shared/http";
import { commandKey } from "../shared/key";

export interface FieldError {
  field: string;
  message: string;
}

export interface DraftFailure {
  text: string;
  /** Somebody else changed the same thing meanwhile. */
  isStale: boolean;
}

/** What a form holds: the values, whether they differ from what was there, and what was refused. */
export interface Draft<T extends object> {
  value: ReadonlySignal<T>;
  /** What was there when the draft began. */
  started: ReadonlySignal<T>;
  isDirty: ReadonlySignal<boolean>;
  isBusy: ReadonlySignal<boolean>;
  errors: ReadonlySignal<readonly FieldError[]>;
  failure: ReadonlySignal<DraftFailure | null>;
  /** What is wrong with a field: its own error, or that of a part of it (`qualifications[0].year`). */
  errorAt(field: string): string | undefined;
  /** What was refused without there being a field to show it at. */
  elsewhere(): readonly FieldError[];
  /** Change values; what was refused about them is settled, also by the server's name (`at`). */
  set(change: Partial<T>, at?: string): void;
  /** Start again from `value`. */
  reset(value: T): void;
  /**
   * Take in what is there now, keeping what was typed. Where the same field was changed on both
   * sides nothing is taken: the draft stays as old as it is, and the server will refuse it.
   */
  rebase(now: T): void;
  /** Take in what is there now, and keep what was typed even where that was changed, too. */
  merge(now: T): void;
  /** The fields that differ between what the draft began with and what is there now. */
  changedBy(now: T): (keyof T & string)[];
  /** Forget what was refused. */
  settle(): void;
  /** Complain without asking the server. */
  complain(errors: readonly FieldError[]): void;
  /** Do `work` with the values; takes its refusal in and returns whether it was done. */
  submit(work: (value: T, key: string) => Promise<unknown>): Promise<boolean>;
}

/** Return a draft that begins with `initial`. */
export function createDraft<T extends object>(initial: T): Draft<T> {
  const start = signal(initial);
  const value = signal(initial);
  const isBusy = signal(false);
  const errors = signal<readonly FieldError[]>([]);
  const failure = signal<DraftFailure | null>(null);
  const fieldsShown = new Set<string>();
  // Kept while an answer is missing: sending the same again must not do it twice.
  let key = commandKey();

  const isDirty = computed(() => !isSame(value.value, start.value));

  function set(change: Partial<T>, at?: string): void {
    const changed = [...Object.keys(change), ...(at ? [at] : [])];
    value.value = { ...value.value, ...change };
    errors.value = errors.value.filter(
      (one) => !changed.some((field) => concerns(one.field, field)),
    );
    key = commandKey();
  }

  function reset(next: T): void {
    start.value = next;
    value.value = next;
    settle();
    key = commandKey();
  }

  function changedBy(now: T): (keyof T & string)[] {
    return fieldsOf(now).filter((field) => !isSame(start.value[field], now[field]));
  }

  function rebase(now: T): void {
    const touched = touchedFields();
    if (!changedBy(now).some((field) => touched.includes(field))) merge(now);
  }

  function merge(now: T): void {
    const kept = Object.fromEntries(touchedFields().map((field) => [field, value.value[field]]));
    start.value = now;
    value.value = { ...now, ...kept };
  }

  function touchedFields(): (keyof T & string)[] {
    return fieldsOf(start.value).filter((field) => !isSame(start.value[field], value.value[field]));
  }

  function settle(): void {
    errors.value = [];
    failure.value = null;
  }

  function complain(found: readonly FieldError[]): void {
    errors.value = found;
    failure.value = { text: "Please look at the marked fields.", isStale: false };
  }

  async function submit(work: (value: T, key: string) => Promise<unknown>): Promise<boolean> {
    isBusy.value = true;
    failure.value = null;
    errors.value = [];
    try {
      await work(value.value, key);
      key = commandKey();
      return true;
    } catch (error) {
      if (!(error instanceof NoAnswer)) key = commandKey();
      take(error);
      return false;
    } finally {
      isBusy.value = false;
    }
  }

  function take(error: unknown): void {
    const problem = error instanceof Refused ? error.problem : null;
    errors.value = (problem?.errors ?? []).map((one) => ({
      field: one.field ?? "",
      message: one.message ?? "",
    }));
    failure.value = { text: (error as Error).message, isStale: problem?.status === 412 };
  }

  function errorAt(field: string): string | undefined {
    fieldsShown.add(field);
    return errors.value.find((one) => concerns(one.field, field))?.message;
  }

  function elsewhere(): readonly FieldError[] {
    const isShown = (one: FieldError): boolean =>
      [...fieldsShown].some((field) => concerns(one.field, field));
    return errors.value.filter((one) => one.message && !isShown(one));
  }

  return {
    value,
    started: start,
    isDirty,
    isBusy,
    errors,
    failure,
    errorAt,
    elsewhere,
    set,
    reset,
    rebase,
    merge,
    changedBy,
    settle,
    complain,
    submit,
  };
}

/** A draft that lives as long as the component, and begins anew when `key` changes. */
export function useDraft<T extends object>(key: string, initial: () => T): Draft<T> {
  return useMemo(() => createDraft(initial()), [key]);
}

function fieldsOf<T extends object>(of: T): (keyof T & string)[] {
  return Object.keys(of) as (keyof T & string)[];
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function concerns(reported: string, field: string): boolean {
  return reported === field || reported.startsWith(`${field}.`) || reported.startsWith(`${field}[`);
}
