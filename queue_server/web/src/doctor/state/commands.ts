import { signal } from "@preact/signals";
import type { Acknowledgement, StaffEntry, StaffQueue } from "../../generated/contract";
import { commandKey } from "../../shared/key";
import { tellDone, tellRefused } from "../../staff/toasts";
import { queue, socket } from "./live";

/** Whether a command is on its way: one at a time, each from the version the last one made. */
export const isBusy = signal(false);

type Command = [name: string, body: Record<string, unknown>];

/** Give commands one after the other; the first that is refused ends it, with its reason. */
async function run(commands: readonly Command[], done: string): Promise<void> {
  if (isBusy.value) return;
  isBusy.value = true;
  try {
    for (const [name, body] of commands) {
      const answer = await give(name, body);
      if (!answer.ok) {
        tellRefused(answer.problem?.detail ?? "The server gave no reason.");
        return;
      }
      take(answer);
    }
    tellDone(done);
  } catch {
    tellRefused("The server did not answer. The queue shows what it holds now.");
    await again();
  } finally {
    isBusy.value = false;
  }
}

async function give(name: string, body: Record<string, unknown>): Promise<Acknowledgement> {
  const open = socket.peek();
  const seen = queue.peek();
  if (!open || !seen) throw new Error("There is no connection.");
  const told = { ...body, ifMatch: seen.version, idempotencyKey: commandKey() };
  // The same key makes it safe to ask again when the answer got lost.
  const answer = await open.command(name, told).catch(() => open.command(name, told));
  if (answer.ok || answer.problem?.status !== 412) return answer;
  await again();
  const detail = "The queue has moved on meanwhile. Please look again.";
  return { ...answer, problem: { ...answer.problem, detail } };
}

function take(answer: Acknowledgement): void {
  const result = answer.result as { queue?: StaffQueue } | null;
  if (result?.queue) socket.peek()?.take(result.queue);
}

async function again(): Promise<void> {
  const id = queue.peek()?.doctorId;
  if (id)
    await socket
      .peek()
      ?.refetch(id)
      .catch(() => undefined);
}

function of(entry: StaffEntry): Record<string, unknown> {
  return { appointmentId: entry.id };
}

/** "P18 Mei Chen". */
export function who(entry: StaffEntry): string {
  return entry.name ? `${entry.ticket} ${entry.name}` : entry.ticket;
}

/** Call whoever is next. */
export function callNext(seen: StaffQueue): Promise<void> {
  return run([["call-next", { doctorId: seen.doctorId }]], "The next patient is called.");
}

/** Finish with the current patient and call the next one. */
export function finishAndCall(seen: StaffQueue, current: StaffEntry): Promise<void> {
  const commands: Command[] = [
    ["complete", of(current)],
    ["call-next", { doctorId: seen.doctorId }],
  ];
  return run(commands, `${who(current)} finished. The next patient is called.`);
}

/** Finish with the current patient; the one who is called already comes in. */
export function finishAndStart(current: StaffEntry, called: StaffEntry): Promise<void> {
  const body = { ...of(called), completeCurrent: true };
  return run([["start", body]], `${who(current)} finished. ${who(called)} is with you.`);
}

/** Finish with the current patient. */
export function finish(current: StaffEntry): Promise<void> {
  return run([["complete", of(current)]], `${who(current)} finished.`);
}

/** The called patient has come in. */
export function start(called: StaffEntry): Promise<void> {
  return run([["start", of(called)]], `${who(called)} is with you.`);
}

/** Call the same patient once more. */
export function recall(called: StaffEntry): Promise<void> {
  return run([["recall", of(called)]], `${who(called)} called again.`);
}

/** Put the called patient back into the line. */
export function putBack(called: StaffEntry): Promise<void> {
  return run([["skip", of(called)]], `${who(called)} put back in the line.`);
}

/** Stop calling for a while, or go on. */
export function pauseOrResume(seen: StaffQueue): Promise<void> {
  const name = seen.header.paused ? "resume" : "pause";
  const done = seen.header.paused ? "The queue goes on." : "The queue is paused.";
  return run([[name, { doctorId: seen.doctorId }]], done);
}
