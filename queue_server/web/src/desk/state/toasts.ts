import { computed, signal } from "@preact/signals";
import { now, serverNow } from "../../shared/clock";
import { truth } from "./live";

export interface Toast {
  id: string;
  text: string;
  tone: "done" | "refused";
  /** The lane and version of the command, once the server has carried it out. */
  lane?: string;
  version?: number;
  /** The appointment whose time was given back: perhaps somebody waits for it. */
  vacancy?: string | undefined;
  /** The toast goes at this instant, unless it can still be undone. */
  until: number;
}

const SHORT = 5_000;
const REFUSAL = 12_000;
const MOST = 3;

const all = signal<Toast[]>([]);

/** The toasts to show, newest last. */
export const toasts = computed(() =>
  all.value.filter((toast) => toast.until > now.value || undoableUntil(toast) > 0).slice(-MOST),
);

/** Until when a toast's command can be undone; 0 where it cannot. */
export function undoableUntil(toast: Toast): number {
  if (toast.lane === undefined || toast.version === undefined) return 0;
  const undo = truth.value.get(toast.lane)?.header.undo;
  const until = undo?.find((one) => one.version === toast.version)?.until;
  const instant = until ? Date.parse(until) : 0;
  return instant > now.value ? instant : 0;
}

/** The newest command of this desk that can still be undone. */
export function newestUndoable(): Toast | undefined {
  return toasts.value.filter((toast) => undoableUntil(toast) > 0).at(-1);
}

/** Tell what was done. */
export function showDone(id: string, text: string): void {
  put({ id, text, tone: "done", until: serverNow() + SHORT });
}

/** The server has carried it out as `version`: from now on it can be undone. */
export function settle(id: string, lane: string, version: number, vacancy?: string): void {
  all.value = all.value.map((toast) =>
    toast.id === id ? { ...toast, lane, version, vacancy } : toast,
  );
}

/** Tell why something did not happen. */
export function showRefused(id: string, text: string): void {
  put({ id, text, tone: "refused", until: serverNow() + REFUSAL });
}

/** Take a toast away. */
export function dismiss(id: string): void {
  all.value = all.value.filter((toast) => toast.id !== id);
}

/** Take away the toast of a command that is being undone. */
export function dismissVersion(lane: string, version: number): void {
  all.value = all.value.filter((toast) => toast.lane !== lane || toast.version !== version);
}

function put(toast: Toast): void {
  const others = all.value.filter((other) => other.id !== toast.id);
  all.value = [...others, toast].slice(-3 * MOST);
}
