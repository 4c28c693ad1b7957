// How long a time that is held stays ours.

/** `ending`: it is time to come to an end. */
export type HoldStage = "held" | "ending" | "over";

const ENDING_MS = 120_000;

/** Where a hold stands at `now` (ms since 1970, by the server's clock). */
export function holdStage(expiresAt: string, now: number): HoldStage {
  const left = Date.parse(expiresAt) - now;
  if (left <= 0) return "over";
  return left < ENDING_MS ? "ending" : "held";
}

/** Milliseconds that are left; never below 0. */
export function holdLeft(expiresAt: string, now: number): number {
  return Math.max(0, Date.parse(expiresAt) - now);
}
