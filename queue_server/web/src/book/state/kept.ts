import { effect, type Signal, signal } from "@preact/signals";

/** A signal that a reload of this tab does not lose. */
export function kept<T>(name: string, otherwise: T): Signal<T> {
  const key = `booking.${name}`;
  const value = signal<T>(read(key, otherwise));
  effect(() => sessionStorage.setItem(key, JSON.stringify(value.value)));
  return value;
}

function read<T>(key: string, otherwise: T): T {
  try {
    return (JSON.parse(sessionStorage.getItem(key) ?? "null") as T | null) ?? otherwise;
  } catch {
    return otherwise;
  }
}
