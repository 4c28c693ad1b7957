import { useEffect, useRef, useState } from "preact/hooks";
import { list } from "./rest";

export interface Pages<T> {
  items: T[] | null;
  failure: Error | null;
  isLoading: boolean;
  hasMore: boolean;
  more: () => Promise<void>;
  reload: () => Promise<void>;
}

interface Found<T> {
  path: string;
  items: T[];
  next: string | null;
}

/** A list that comes in pages: the first when `path` is new, each further one when it is asked for. */
export function usePages<T>(path: string): Pages<T> {
  const [found, setFound] = useState<Found<T> | null>(null);
  const [failure, setFailure] = useState<Error | null>(null);
  const [isLoading, setLoading] = useState(true);
  const turn = useRef(0);

  async function read(address: string, before: T[]): Promise<void> {
    turn.current += 1;
    const mine = turn.current;
    setLoading(true);
    try {
      const page = await list<T>(address);
      if (turn.current !== mine) return;
      setFound({ path, items: [...before, ...page.items], next: page.next });
      setFailure(null);
    } catch (error) {
      if (turn.current !== mine) return;
      setFailure(error as Error);
    }
    setLoading(false);
  }

  useEffect(() => {
    void read(path, []);
    return () => {
      turn.current += 1;
    };
  }, [path]);

  return {
    // While filters change, what was found before stays on the screen.
    items: found?.items ?? null,
    failure,
    isLoading,
    hasMore: found?.path === path && found.next !== null,
    more: async () => {
      if (found?.next) await read(found.next, found.items);
    },
    reload: () => read(path, []),
  };
}
