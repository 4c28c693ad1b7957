import { signal } from "@preact/signals";

/** Now, in ms since 1970; moves every second. */
export const now = signal(Date.now());

setInterval(() => {
  now.value = Date.now();
}, 1000);
