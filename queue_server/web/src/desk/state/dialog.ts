import { signal } from "@preact/signals";

interface ForEntry {
  lane: string;
  entry: string;
}

export interface Question {
  title: string;
  text: string;
  yes: string;
  no?: string;
  danger?: boolean;
}

export type Dialog =
  | ({ kind: "triage" | "transfer" | "link" | "why" } & ForEntry)
  | ({ kind: "move"; position?: number } & ForEntry)
  | { kind: "walk-in" | "emergency" | "absent"; lane: string }
  | { kind: "lanes" | "help" | "palette" }
  | { kind: "ask"; question: Question; answer: (yes: boolean) => void };

/** The one dialog that is open. */
export const dialog = signal<Dialog | null>(null);

/** Open a dialog in place of whichever is open. */
export function open(next: Dialog): void {
  if (dialog.value?.kind === "ask") dialog.value.answer(false);
  dialog.value = next;
}

/** Close the dialog. */
export function close(): void {
  if (dialog.value?.kind === "ask") dialog.value.answer(false);
  dialog.value = null;
}

/** Ask and wait for the answer. */
export function ask(question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const answer = (yes: boolean): void => {
      dialog.value = null;
      resolve(yes);
    };
    open({ kind: "ask", question, answer });
  });
}
