import { signal } from "@preact/signals";

/** Now, in ms since 1970, by the server's clock as far as we know it; moves every second. */
export const now = signal(Date.now());

let ahead = 0;

/** Learn how far this machine's clock is from the server's. */
export function setServerTime(instant: string): void {
  ahead = Date.parse(instant) - Date.now();
  now.value = serverNow();
}

/** The server's clock at this very moment. */
export function serverNow(): number {
  return Date.now() + ahead;
}

/** Let the clock run. */
export function startClock(): void {
  setInterval(() => (now.value = serverNow()), 1000);
}
