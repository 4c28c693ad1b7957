import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import type { SlotBookingView, StaffEntryView } from "../../generated/contract";
import { commandKey } from "../../shared/key";
import { all, patch, post, query } from "../../staff/rest";
import { tellDone, tellRefused } from "../../staff/toasts";
import { type Change, type Pending, predicted } from "../model/order";
import { waitlistRefusal } from "../model/refusals";

/** Whose waitlist is shown. */
export interface Scope {
  clinicId?: string | null | undefined;
  doctorId?: string | null | undefined;
}

/** A list of who waits, with what is under way done to it already. */
export interface Waitlist {
  /** In the order of the list; null until it is read. */
  entries: ReadonlySignal<readonly StaffEntryView[] | null>;
  failure: ReadonlySignal<Error | null>;
  isLoading: ReadonlySignal<boolean>;
  /** Ids of entries with which something is under way. */
  busy: ReadonlySignal<ReadonlySet<string>>;
  reload(): Promise<void>;
  /** Do something with an entry: shown at once, taken back with the reason if refused. */
  run(entry: StaffEntryView, change: Change, done: string): Promise<boolean>;
  close(): void;
}

/** Open the list of a scope; nothing is read before `reload`. */
export function openWaitlist(scope: Scope): Waitlist {
  const truth = signal<readonly StaffEntryView[] | null>(null);
  const pending = signal<readonly Pending[]>([]);
  const failure = signal<Error | null>(null);
  const isLoading = signal(true);
  let turn = 0;

  async function reload(): Promise<void> {
    turn += 1;
    const mine = turn;
    isLoading.value = true;
    try {
      const found = await all<StaffEntryView>(`/api/waitlists${query({ ...scope, limit: 200 })}`);
      // What is under way may or may not be in it: the read after its answer tells.
      if (turn === mine) take(found);
    } catch (error) {
      if (turn === mine) failure.value = error as Error;
    }
    if (turn === mine) isLoading.value = false;
  }

  function take(found: readonly StaffEntryView[]): void {
    batch(() => {
      truth.value = found;
      failure.value = null;
    });
  }

  async function run(entry: StaffEntryView, change: Change, done: string): Promise<boolean> {
    const key = commandKey();
    pending.value = [...pending.value, { key, entry, change }];
    try {
      await send(entry, change, key);
    } catch (error) {
      over(key);
      tellRefused(waitlistRefusal(error as Error));
      await reload();
      return false;
    }
    // The truth comes in before the prediction goes: nothing flickers.
    await reload();
    over(key);
    tellDone(done);
    return true;
  }

  function over(key: string): void {
    pending.value = pending.value.filter((one) => one.key !== key);
  }

  return {
    entries: computed(() => truth.value && predicted(truth.value, pending.value)),
    failure,
    isLoading,
    busy: computed(() => new Set(pending.value.map(({ entry }) => entry.id))),
    reload,
    run,
    close() {
      turn += 1;
    },
  };
}

/** Send a change; throws why it was refused. */
export async function send(
  entry: Pick<StaffEntryView, "id" | "version">,
  change: Change,
  key: string = commandKey(),
): Promise<void> {
  const path = `/api/waitlists/${entry.id}`;
  const write = { version: entry.version, key };
  switch (change.kind) {
    case "promote":
      await post<SlotBookingView>(`${path}/promote`, { slotId: change.slotId }, write);
      return;
    case "invite":
      await post<StaffEntryView>(`${path}/invite`, { slotId: change.invite.slotId }, write);
      return;
    default:
      await patch<StaffEntryView>(path, bodyOf(change), write);
  }
}

function bodyOf(change: Exclude<Change, { kind: "promote" | "invite" }>): object {
  switch (change.kind) {
    case "defer":
      return { status: "deferred", until: change.until };
    case "resume":
      return { status: "active" };
    case "cancel":
      return { status: "cancelled", ...(change.reason && { reason: change.reason }) };
    case "place":
      return { override: { position: change.position, reason: change.reason } };
    case "rank":
      return { override: null };
  }
}
