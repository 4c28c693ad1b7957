import type { FeesView, Mode } from "../../generated/contract";

/**
 * What a visit costs in minor units; null when nothing is known, or it is free. A follow-up has its
 * own fee by video, too.
 */
export function feeOf(fees: FeesView | null, visitType: string, mode: Mode): number | null {
  if (!fees) return null;
  if (visitType === "follow_up" && fees.followUp !== null) return fees.followUp || null;
  if (mode === "tele" && fees.tele !== null) return fees.tele || null;
  return fees.consultation || null;
}
