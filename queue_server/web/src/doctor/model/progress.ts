/** How a consultation stands against the usual time. */
export interface Progress {
  /** Of the usual time, 0 to 1; stays 1 beyond it. */
  part: number;
  minutes: number;
  isOver: boolean;
  words: string;
}

/** How long somebody has been inside, against `usual` minutes. */
export function progressOf(startedAt: string | null, usual: number, now: number): Progress {
  const minutes = startedAt ? Math.max(0, (now - Date.parse(startedAt)) / 60_000) : 0;
  const length = Math.max(usual, 1);
  const isOver = minutes > length;
  const beyond = Math.floor(minutes - length);
  const words = isOver
    ? beyond < 1
      ? "as long as usual"
      : `${beyond} min longer than usual`
    : `usually ${Math.round(usual)} min`;
  return { part: Math.min(minutes / length, 1), minutes, isOver, words };
}
