import { computed, signal } from "@preact/signals";
import type { Problem, StaffQueue } from "../../generated/contract";
import type { Presence, Queues, StaffSocket, Watchers } from "../../shared/staff-socket";
import type { DeskCommand } from "../model/command";

/** The connection of whoever is signed in. */
export const socket = signal<StaffSocket | null>(null);

const NOTHING: Queues = new Map();
const NOBODY: Presence = new Map();
const UNSEEN: Watchers = new Map();

/** The queues as the server last told them. */
export const truth = computed<Queues>(() => socket.value?.queues.value ?? NOTHING);

export const isLive = computed(() => socket.value?.isLive.value ?? false);

/** When the server was last heard from, by this machine's clock. */
export const heardAt = computed(() => socket.value?.heardAt.value ?? 0);

/** Whether commands can be given. */
export const canAct = isLive;

/** Other desks at the lanes. */
export const presence = computed(() => socket.value?.presence.value ?? NOBODY);

/** Who follows the lanes on a phone. */
export const watchers = computed(() => socket.value?.watchers.value ?? UNSEEN);

/** Why the lanes were refused. */
export const refusal = computed(() => socket.value?.refusal.value ?? null);

export type Answer =
  | { ok: true; version: number; result: Record<string, unknown> | undefined }
  | { ok: false; problem: Problem };

/** Watch these doctors' queues. */
export async function subscribeTo(doctorIds: string[]): Promise<void> {
  await socket.peek()?.subscribe(doctorIds);
}

/** Send a command with the version this desk saw; rejects when no answer came. */
export async function emitCommand(
  command: DeskCommand,
  ifMatch: number | undefined,
  idempotencyKey: string,
): Promise<Answer> {
  const body = { ...command.body, ...(ifMatch !== undefined && { ifMatch }), idempotencyKey };
  // The same key makes it safe to ask again when the answer got lost.
  const told = await emit(command.name, body).catch(() => emit(command.name, body));
  if (told.problem) return { ok: false, problem: told.problem };
  const result = told.result as Record<string, unknown> | null | undefined;
  return { ok: true, version: told.version ?? 0, result: result ?? undefined };
}

/** Fetch a whole queue. */
export function refetch(doctorId: string): Promise<StaffQueue> {
  return opened().refetch(doctorId);
}

/** Take a queue that came with an answer. */
export function takeQueue(queue: StaffQueue): void {
  socket.peek()?.take(queue);
}

async function emit(name: string, body: object) {
  return opened().command(name, body);
}

function opened(): StaffSocket {
  const open = socket.peek();
  if (!open) throw new Error("Nobody is signed in.");
  return open;
}
