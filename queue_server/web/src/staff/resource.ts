import { useCallback, useEffect, useRef, useState } from "preact/hooks";

export interface Resource<T> {
  /** What was read last; stays while it is read again. */
  value: T | null;
  failure: Error | null;
  isLoading: boolean;
  reload: () => Promise<void>;
  /** Take what a write answered with, without reading again. */
  take: (value: T) => void;
}

/**
 * Read something when the component appears, and anew when `key` changes. Answers that come late,
 * for a key that is gone, are dropped.
 */
export function useResource<T>(key: string, load: () => Promise<T>): Resource<T> {
  const [state, setState] = useState<{ key: string; value: T | null; failure: Error | null }>({
    key: "",
    value: null,
    failure: null,
  });
  const [isLoading, setLoading] = useState(true);
  const turn = useRef(0);

  const reload = useCallback(async (): Promise<void> => {
    turn.current += 1;
    const mine = turn.current;
    setLoading(true);
    try {
      const value = await load();
      if (turn.current === mine) setState({ key, value, failure: null });
    } catch (error) {
      const failure = error as Error;
      const keep = (old: T | null, oldKey: string): T | null => (oldKey === key ? old : null);
      if (turn.current === mine)
        setState((old) => ({ key, value: keep(old.value, old.key), failure }));
    }
    if (turn.current === mine) setLoading(false);
  }, [key]);

  useEffect(() => {
    void reload();
    return () => {
      turn.current += 1;
    };
  }, [reload]);

  const take = useCallback(
    (value: T): void => {
      turn.current += 1;
      setLoading(false);
      setState({ key, value, failure: null });
    },
    [key],
  );
  const isOther = state.key !== key;
  return {
    value: isOther ? null : state.value,
    failure: isOther ? null : state.failure,
    isLoading: isLoading || isOther,
    reload,
    take,
  };
}
