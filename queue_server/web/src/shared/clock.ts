import { signal } from "@preact/signals";

/** Now, in ms since 1970, by the server's clock as far as we know it; moves every second. */
export const now = signal(Date.now());

let ahead = 0;

/** Learn how far this machine's clock is from the server's, which tells whole seconds. */
export function setServerTime(date: string): void {
  const difference = Date.parse(date) - Date.now();
  if (Math.abs(difference - ahead) < 3_000) return;
  ahead = Math.abs(difference) < 3_000 ? 0 : difference;
  now.value = serverNow();
}

/** The server's clock at this very moment. */
export function serverNow(): number {
  return Date.now() + ahead;
}

/** This machine's own clock; moves with `now`. */
export function ownNow(): number {
  return now.value - ahead;
}

/** Let the clock run. */
export function startClock(): void {
  setInterval(() => (now.value = serverNow()), 1000);
}
