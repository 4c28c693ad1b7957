import { signal } from "@preact/signals";

// What a screen reader says. Two regions: one waits its turn, one (refusals) interrupts.

export const polite = signal("");
export const assertive = signal("");

/** Say `text` when the reader is next free. */
export function announce(text: string): void {
  speak(polite, text);
}

/** Say `text` at once. */
export function interrupt(text: string): void {
  speak(assertive, text);
}

// The same words twice in a row would not be read again: a no-break space makes them differ.
function speak(region: { value: string }, text: string): void {
  region.value = region.value === text ? `${text}\u00a0` : text;
}
