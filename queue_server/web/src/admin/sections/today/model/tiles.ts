import type { ClinicMetrics } from "../../../../generated/contract";

// How clinics stand today, as tiles show it.

/** The tiles by clinic, with one of them anew. */
export function withTile(
  tiles: ReadonlyMap<string, ClinicMetrics>,
  one: ClinicMetrics,
): ReadonlyMap<string, ClinicMetrics> {
  return new Map(tiles).set(one.clinicId, one);
}

/** How a figure has gone while it was looked at, the oldest first; at most `most` of it. */
export function withPoint(
  trail: readonly number[],
  value: number,
  most: number,
): readonly number[] {
  return [...trail, value].slice(-most);
}

/** "72 %", or a dash where there is nothing to divide by. */
export function share(value: number | null): string {
  return value === null ? "–" : `${Math.round(value * 100)} %`;
}

/** "45 min", "5 h", "3 days": minutes in the unit that fits. */
export function minutesWords(minutes: number | null): string {
  if (minutes === null) return "–";
  if (minutes < 90) return `${Math.round(minutes)} min`;
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} h`;
  return `${Math.round(minutes / 1440)} days`;
}

/** The points of a sparkline in a box of `width` by `height`; a flat line for what never moved. */
export function sparkPoints(trail: readonly number[], width: number, height: number): string {
  if (trail.length < 2) return "";
  const low = Math.min(...trail);
  const range = Math.max(...trail) - low;
  const step = width / (trail.length - 1);
  return trail
    .map((value, at) => {
      const y = range === 0 ? height / 2 : height - ((value - low) / range) * height;
      return `${(at * step).toFixed(1)},${y.toFixed(1)}`;
    })
    .join(" ");
}
