import type { DoctorDetail } from "../../../../generated/contract";
import { minorUnits, typedAmount } from "../../../../staff/model/money";
import type { Fault } from "./profile";

// Fees as they are typed: in major units of one currency.

export interface FeesDraft {
  version: number;
  currency: string;
  consultation: string;
  followUp: string;
  tele: string;
}

export const FEE_WORDS: Readonly<Record<string, string>> = {
  currency: "Currency",
  consultation: "Consultation",
  followUp: "Follow-up",
  tele: "By video",
};

const AMOUNTS = ["consultation", "followUp", "tele"] as const;

/** The fees of a doctor, to be edited; `usual` is the currency when there are none yet. */
export function feesDraftOf({ fees, version }: DoctorDetail, usual: string): FeesDraft {
  const currency = fees?.currency ?? usual;
  return {
    version,
    currency,
    consultation: typedAmount(fees?.consultation ?? null, currency),
    followUp: typedAmount(fees?.followUp ?? null, currency),
    tele: typedAmount(fees?.tele ?? null, currency),
  };
}

/** The body of the change, or what is wrong with what was typed. */
export function feesOf(draft: FeesDraft): { body: Record<string, unknown> } | { faults: Fault[] } {
  const faults: Fault[] = [];
  const body: Record<string, unknown> = { currency: draft.currency };
  if (!draft.currency) faults.push({ field: "currency", message: "Choose a currency." });
  for (const field of AMOUNTS) {
    try {
      body[field] = minorUnits(draft[field], draft.currency);
    } catch (error) {
      faults.push({ field, message: (error as Error).message });
    }
  }
  if (body.consultation === null)
    faults.push({ field: "consultation", message: "Say what a consultation costs; 0 is fine." });
  return faults.length > 0 ? { faults } : { body };
}
