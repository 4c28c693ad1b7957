import { signal } from "@preact/signals";

/** What was done last, for whoever is not signed in any more. */
export const farewell = signal("");
