import type { Mode, SlotView, Suggestion } from "../../generated/contract";
import { isFree } from "./slots";

/** A suggested hour, with the times of it that can be had. */
export interface Quiet {
  hour: Suggestion;
  first: SlotView;
}

const MOST = 3;

/** The best of the suggested hours in which a time is free in this way, at most three, best first. */
export function quieter(
  suggested: readonly Suggestion[],
  slots: readonly SlotView[],
  mode: Mode,
): Quiet[] {
  const found: Quiet[] = [];
  for (const hour of suggested) {
    const first = slots.find((slot) => isFree(slot, mode) && isWithin(slot, hour));
    if (first) found.push({ hour, first });
  }
  return found.slice(0, MOST);
}

function isWithin(slot: SlotView, { start, end }: Suggestion): boolean {
  const at = Date.parse(slot.start);
  return at >= Date.parse(start) && at < Date.parse(end);
}
