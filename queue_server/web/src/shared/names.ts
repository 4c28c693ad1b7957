/** Clinics or doctors in the order people look them up. */
export function byName<T extends { name: string }>(things: readonly T[]): T[] {
  return [...things].sort((one, other) => one.name.localeCompare(other.name));
}
