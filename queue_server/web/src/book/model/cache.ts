/** Answers are shown at once for a day; older ones would only mislead. */
const LONGEST_MS = 86_400_000;
const MOST = 12;
const NAME = "booking.searches";

export interface Cached<T> {
  /** When it was answered, in ms since 1970. */
  at: number;
  value: T;
}

type Shelf = Record<string, Cached<unknown>>;

/** What was last answered to the same question, if that is not too long ago. */
export function cached<T>(question: string, now: number, store: Storage): Cached<T> | null {
  const found = shelf(store)[question] as Cached<T> | undefined;
  return found && now - found.at < LONGEST_MS && found.at <= now ? found : null;
}

/** Keep an answer; the oldest make room. A browser that keeps nothing is no reason to stop. */
export function cache<T>(question: string, value: T, now: number, store: Storage): void {
  const all = Object.entries({ ...shelf(store), [question]: { at: now, value } });
  const newest = all.sort(([, one], [, other]) => other.at - one.at).slice(0, MOST);
  try {
    store.setItem(NAME, JSON.stringify(Object.fromEntries(newest)));
  } catch {
    store.removeItem(NAME);
  }
}

function shelf(store: Storage): Shelf {
  try {
    return JSON.parse(store.getItem(NAME) ?? "{}") as Shelf;
  } catch {
    return {};
  }
}
