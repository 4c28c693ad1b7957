import { computed, signal } from "@preact/signals";
import type { PaymentView } from "../../generated/contract";
import { act, isRefusal, trouble } from "../../patient/api";
import { known, link, t } from "../../patient/known";
import { announce } from "../../shared/announce";
import { commandKey } from "../../shared/key";
import { feeOf } from "../model/fee";
import { book, details } from "./booking";
import { held } from "./hold";
import { kept } from "./kept";

const LOOK_EVERY_MS = 2_000;
const OVER = ["failed", "cancelled", "refund_pending", "refunded"];

/** The payment for what is held. */
export const payment = kept<PaymentView | null>("payment", null);
export const payFailure = signal("");
export const isBeginning = signal(false);

/** What the visit that is held costs, in minor units; null when there is nothing to pay. */
export const due = computed(() => {
  const mine = held.value;
  return mine && feeOf(mine.doctor.fees, details.value.visitType, mine.mode);
});

/** Whether it can be paid for before it is booked. */
export const isPayable = computed(() => known.paysOnline && due.value !== null);

/** The payment for the hold of now, if one was begun. */
export const current = computed(() =>
  payment.value && payment.value.holdId === held.value?.holdId ? payment.value : null,
);

export const hasFailed = computed(() => OVER.includes(current.value?.status ?? ""));

let key = commandKey();

/** Begin to pay, and go to the provider's page; where nothing is to be paid, book. */
export async function pay(): Promise<void> {
  const mine = held.value;
  if (!mine || isBeginning.value) return;
  isBeginning.value = true;
  payFailure.value = "";
  if (hasFailed.value) key = commandKey();
  try {
    const body = {
      holdId: mine.holdId,
      method: "online",
      visitType: details.value.visitType,
      returnPath: link("/book/pay"),
    };
    const call = { method: "POST", body, headers: { "Idempotency-Key": key } };
    learn((await act<PaymentView>("/api/payments", call, mine.asGuest)).data);
    if (payment.value?.payUrl) location.assign(payment.value.payUrl);
  } catch (error) {
    if (isRefusal(error, "nothing_to_pay", "no_online_payment")) await book();
    else payFailure.value = trouble(error);
  } finally {
    isBeginning.value = false;
  }
}

/** Book as soon as it is paid; returns how to stop looking. */
export function awaitPaid(): () => void {
  const timer = setInterval(() => void lookAtIt(), LOOK_EVERY_MS);
  void lookAtIt();
  return () => clearInterval(timer);
}

async function lookAtIt(): Promise<void> {
  const begun = current.value;
  if (begun?.status !== "pending" || document.hidden) return;
  try {
    learn((await act<PaymentView>(`/api/payments/${begun.id}`, {}, held.value?.asGuest)).data);
  } catch (error) {
    payFailure.value = trouble(error);
  }
  if (hasFailed.value) announce(t("pay_failed"));
  if (current.value?.status === "paid") await book();
}

/** A place that is paid for is held for longer. */
function learn(next: PaymentView): void {
  payment.value = next;
  const mine = held.value;
  if (mine && next.expiresAt && next.holdId === mine.holdId) {
    held.value = { ...mine, expiresAt: next.expiresAt };
  }
}
