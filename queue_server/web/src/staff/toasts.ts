import { signal } from "@preact/signals";
import { announce, interrupt } from "../shared/announce";

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
    tellRefused((error as Error).message);
    return false;
  }
  tellDone(done);
  return true;
}

function put(text: string, tone: Toast["tone"], ms: number): void {
  last += 1;
  const id = last;
  toasts.value = [...toasts.value, { id, text, tone }].slice(-MOST);
  setTimeout(() => dismiss(id), ms);
}
