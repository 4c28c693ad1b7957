import { signal } from "@preact/signals";
import { announce, interrupt } from "../shared/announce";
import { Refused } from "../shared/http";

export interface Toast {
  id: number;
  text: string;
  tone: "done" | "refused";
}

const SHORT_MS = 5_000;
const REFUSAL_MS = 12_000;
const MOST = 3;

/** What was just done or refused, newest last. */
export const toasts = signal<Toast[]>([]);

let last = 0;

/** Tell what was done. */
export function tellDone(text: string): void {
  announce(text);
  put(text, "done", SHORT_MS);
}

/** Tell why something did not happen. */
export function tellRefused(text: string): void {
  interrupt(`Not done. ${text}`);
  put(text, "refused", REFUSAL_MS);
}

/** Take a toast away. */
export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Do `work`; tell `done` afterwards, or the reason when it fails. Returns whether it was done. */
export async function attempt(work: () => Promise<unknown>, done: string): Promise<boolean> {
  try {
    await work();
  } catch (error) {
    tellRefused(reasonOf(error as Error));
    return false;
  }
  tellDone(done);
  return true;
}

/** Why something was refused, with what is in the way. */
function reasonOf(error: Error): string {
  const faults = error instanceof Refused ? error.problem.errors : [];
  const more = faults.flatMap(({ message }) => message ?? []);
  return [error.message, ...more.filter((one) => !error.message.includes(one))].join(" ");
}

function put(text: string, tone: Toast["tone"], ms: number): void {
  last += 1;
  const id = last;
  toasts.value = [...toasts.value, { id, text, tone }].slice(-MOST);
  setTimeout(() => dismiss(id), ms);
}
