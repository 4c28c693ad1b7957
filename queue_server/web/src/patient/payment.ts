import type { PaymentStatus, PaymentView } from "../generated/contract";
import { money } from "./format";
import { t } from "./known";

const WORDS: Readonly<Record<PaymentStatus, string>> = {
  pending: "pay_open",
  failed: "pay_open",
  paid: "pay_done",
  refund_pending: "pay_going_back",
  refunded: "pay_gone_back",
  cancelled: "pay_nothing",
};

/** How a payment stands, in the reader's words: "Paid back: €40.00". */
export function paymentWords({ status, amount, currency }: PaymentView): string {
  return t(WORDS[status], { amount: money(amount, currency) });
}

/** Where it can be paid, while it is owed. */
export function payPage({ status, payUrl }: PaymentView): string | null {
  return status === "pending" || status === "failed" ? payUrl : null;
}
