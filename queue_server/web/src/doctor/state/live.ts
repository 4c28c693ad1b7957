import { computed, effect, signal, untracked } from "@preact/signals";
import type { StaffQueue } from "../../generated/contract";
import { openStaffSocket, type StaffSocket } from "../../shared/staff-socket";
import { account, session } from "../../staff/account";

/** The connection of the doctor who is signed in. */
export const socket = signal<StaffSocket | null>(null);

/** Whose queue this is; null for accounts that belong to no doctor. */
export const doctorId = computed(() => account.value?.doctorId ?? null);

/** The doctor's own queue of today; kept, however old, while there is no connection. */
export const queue = computed<StaffQueue | null>(() => {
  const id = doctorId.value;
  return id === null ? null : (socket.value?.queues.value.get(id) ?? null);
});

export const isLive = computed(() => socket.value?.isLive.value ?? false);

/** When the server was last heard from, by this machine's clock. */
export const heardAt = computed(() => socket.value?.heardAt.value ?? 0);

/** Why the queue was refused. */
export const refusal = computed(() => socket.value?.refusal.value ?? null);

/** Follow the queue of whoever signs in, until they leave. */
export function followQueue(): void {
  effect(() => {
    const id = doctorId.value;
    return id === null ? undefined : untracked(() => open(id));
  });
}

function open(id: string): () => void {
  const opened = openStaffSocket(session);
  socket.value = opened;
  void opened.subscribe([id]);
  return () => {
    opened.close();
    socket.value = null;
  };
}
