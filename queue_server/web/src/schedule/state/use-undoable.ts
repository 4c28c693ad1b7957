import { useCallback, useState } from "preact/hooks";

const MOST_UNDONE = 50;

export interface Undoable<T> {
  value: T;
  canUndo: boolean;
  /** Change it; what was before can be had back. */
  set(next: T): void;
  undo(): void;
  /** Begin again from `next`. */
  reset(next: T): void;
}

/** Something that is edited, with its way back. */
export function useUndoable<T>(initial: () => T): Undoable<T> {
  const [steps, setSteps] = useState<readonly T[]>(() => [initial()]);
  const set = useCallback((next: T) => setSteps((old) => [...old, next].slice(-MOST_UNDONE)), []);
  const undo = useCallback(() => setSteps((old) => (old.length > 1 ? old.slice(0, -1) : old)), []);
  const reset = useCallback((next: T) => setSteps([next]), []);
  return { value: steps[steps.length - 1] as T, canUndo: steps.length > 1, set, undo, reset };
}
