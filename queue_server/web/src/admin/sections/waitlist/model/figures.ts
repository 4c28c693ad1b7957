import type { FairnessFigures, WaitlistDay } from "../../../../generated/contract";
import { addDays, dayMonth, daysBetween } from "../../../../schedule/model/wall-time";

// What became of waitlists, day by day.

export const PERIODS = [
  { value: "14", label: "Two weeks" },
  { value: "30", label: "Thirty days" },
  { value: "90", label: "Ninety days" },
] as const;

/** One day of one clinic, or of several together. */
export interface Day {
  date: string;
  label: string;
  /** Null before the first day that is known. */
  depth: number | null;
  joined: number;
  promoted: number;
  expired: number;
  /** Shares and averages: null where there is nothing to divide by. */
  conversion: number | null;
  minutesToFill: number | null;
}

/**
 * Every date from `from` to `to`, clinics taken together: days on which nothing happened are left
 * out by the server, and keep the depth of the day before.
 */
export function daysOf(days: readonly WaitlistDay[], from: string, to: string): Day[] {
  const depths = new Map<string, number>();
  return Array.from({ length: daysBetween(from, to) + 1 }, (_, place) => {
    const date = addDays(from, place);
    const own = days.filter((one) => one.date === date);
    for (const one of own) depths.set(one.clinicId, one.depth);
    const sum = (of: (one: WaitlistDay) => number): number =>
      own.reduce((total, one) => total + of(one), 0);
    return {
      date,
      label: dayMonth(date),
      depth: depths.size === 0 ? null : [...depths.values()].reduce((one, other) => one + other, 0),
      joined: sum(({ joined }) => joined),
      promoted: sum(({ promoted }) => promoted),
      expired: sum(({ expired }) => expired),
      conversion: weighted(own, "conversionRate", (one) => one.promoted + one.expired),
      minutesToFill: weighted(own, "avgMinutesToFill", ({ promoted }) => promoted),
    };
  });
}

function weighted(
  days: readonly WaitlistDay[],
  name: "conversionRate" | "avgMinutesToFill",
  weightOf: (one: WaitlistDay) => number,
): number | null {
  const known = days.filter((one) => one[name] !== null);
  if (known.length === 0) return null;
  const weight = known.reduce((total, one) => total + Math.max(1, weightOf(one)), 0);
  return (
    known.reduce((total, one) => total + (one[name] ?? 0) * Math.max(1, weightOf(one)), 0) / weight
  );
}

/** How even waits are, in a word: Jain's index is 1 when all wait alike. */
export function evenWords({ waits, jain }: FairnessFigures): string {
  if (waits === 0 || jain === null) return "Nobody yet";
  if (jain >= 0.9) return "Very even";
  return jain >= 0.7 ? "Even" : "Uneven";
}

/** A number with so many decimals, or a dash where there is none. */
export function decimal(value: number | null, digits = 1): string {
  return value === null ? "–" : value.toFixed(digits);
}
