import { useEffect, useRef } from "preact/hooks";
import { ownNow } from "../shared/clock";
import { age } from "../shared/time";
import type { Resource } from "./resource";

const EVERY_MS = 60_000;

/** How old something is, with a button that reads it again; read again by itself while it is looked at. */
export function AsOf<T>({ of }: { of: Resource<T> }) {
  const { value, reload } = of;
  const readAt = useRef({ value, at: 0 });
  if (readAt.current.value !== value) readAt.current = { value, at: Date.now() };
  useEffect(() => {
    const again = (): void => {
      if (document.visibilityState === "visible") void reload();
    };
    const timer = setInterval(again, EVERY_MS);
    document.addEventListener("visibilitychange", again);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, [reload]);
  return (
    <p class="as-of">
      <span class="hint">
        {value === null ? "Not read yet" : `As of ${age(readAt.current.at, ownNow())}`}
      </span>
      <button type="button" onClick={() => void reload()}>
        Read again
      </button>
    </p>
  );
}
