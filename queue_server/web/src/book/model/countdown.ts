/** A hold that ends so soon is shown in amber. */
export const SHORT_MS = 120_000;

export interface Left {
  /** Minutes and seconds: "9:41". */
  text: string;
  minutes: number;
  isShort: boolean;
  isOver: boolean;
}

/** How long something is still held. */
export function left(expiresAt: string, now: number): Left {
  const ms = Date.parse(expiresAt) - now;
  // Rounded down: ten minutes are never "10:01", however exact our clock is.
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return {
    text: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`,
    minutes: Math.max(1, Math.round(seconds / 60)),
    isShort: ms <= SHORT_MS,
    isOver: ms <= 0,
  };
}
