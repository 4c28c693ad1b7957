import type { FeesView, Mode } from "../../generated/contract";

/** What a visit costs, in minor units, as the server reckons it; 0 where nothing is to pay. */
export function feeOf(fees: FeesView | null, visitType: string, mode: Mode): number {
  if (fees === null) return 0;
  if (visitType === "follow_up" && fees.followUp !== null) return fees.followUp;
  return mode === "tele" && fees.tele !== null ? fees.tele : fees.consultation;
}
