import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { act, trouble } from "./api";

/**
 * What an address answers to who has signed in, or (with `isPublic`) to everybody; what was there
 * stays while it is read again.
 */
export function useLoaded<T>(path: string, isPublic = false) {
  const data = useSignal<T | null>(null);
  const failure = useSignal("");
  const last = useRef(0);

  async function load(): Promise<void> {
    const mine = ++last.current;
    try {
      const answer = await act<T>(path, {}, isPublic);
      if (mine !== last.current) return;
      data.value = answer.data;
      failure.value = "";
    } catch (error) {
      if (mine === last.current) failure.value = trouble(error);
    }
  }

  useEffect(() => void load(), [path]);
  return { data, failure, load };
}
