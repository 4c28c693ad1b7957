import { computed, signal } from "@preact/signals";
import type { PaymentView } from "../../generated/contract";
import { act, isRefusal, trouble } from "../../patient/api";
import { onReturn } from "../../patient/connection";
import { known, link, t } from "../../patient/known";
import { announce } from "../../shared/announce";
import { commandKey } from "../../shared/key";
import { feeOf } from "../model/fee";
import { book, failure, isBooking, isUnanswered } from "./booking";
import { kind, troubleWith } from "./comes";
import { type Held, held } from "./hold";
import { kept } from "./kept";

const LOOK_EVERY_MS = 2_000;
/** How soon a booking that was not answered is sent again. */
const AGAIN_MS = 10_000;
const OVER = ["failed", "cancelled", "refund_pending", "refunded"];

/** The payment for what is held. */
export const payment = kept<PaymentView | null>("payment", null);
export const payFailure = signal("");
export const isBeginning = signal(false);

/** What the visit that is held costs, in minor units; null when there is nothing to pay. */
export const due = computed(() => {
  const mine = held.value;
  return mine && feeOf(mine.doctor.fees, kind.value.visitType, mine.mode);
});

/** Whether it can be paid for before it is booked. */
export const isPayable = computed(() => known.paysOnline && due.value !== null);

/** The payment for the hold of now, if one was begun. */
export const current = computed(() =>
  payment.value && payment.value.holdId === held.value?.holdId ? payment.value : null,
);

export const isPaid = computed(() => current.value?.status === "paid");

/** Whether the payment for a hold that came to nothing goes back. */
export function comesBack(holdId: string | null): boolean {
  const made = payment.value;
  return (
    made !== null && made.holdId === holdId && ["paid", "refund_pending"].includes(made.status)
  );
}

export const hasFailed = computed(() => OVER.includes(current.value?.status ?? ""));

const asked = kept("asked", { text: "", key: "" });

/** The key of a payment: the same for the same, until that has failed. */
function keyOf(body: object): string {
  const text = JSON.stringify(body);
  if (text !== asked.value.text || hasFailed.value) asked.value = { text, key: commandKey() };
  return asked.value.key;
}

function bodyOf({ holdId }: Held): object {
  return { holdId, method: "online", ...kind.value, returnPath: link("/book/pay") };
}

/** Whether what is held can be paid on the page there is: it is not for another kind of visit. */
export const isOpen = computed(() => {
  const mine = held.value;
  const isAsked = mine && JSON.stringify(bodyOf(mine)) === asked.value.text;
  return current.value?.status === "pending" && isAsked === true;
});

/** Begin to pay, and go to the provider's page; where nothing is to be paid, book. */
export async function pay(): Promise<void> {
  const mine = held.value;
  if (!mine || isBeginning.value) return;
  isBeginning.value = true;
  payFailure.value = "";
  try {
    const body = bodyOf(mine);
    const call = { method: "POST", body, headers: { "Idempotency-Key": keyOf(body) } };
    learn((await act<PaymentView>("/api/payments", call, mine.asGuest)).data);
    if (payment.value?.payUrl) location.assign(payment.value.payUrl);
  } catch (error) {
    if (isRefusal(error, "nothing_to_pay", "no_online_payment")) await book();
    else payFailure.value = troubleWith(error);
  } finally {
    isBeginning.value = false;
  }
}

/** Book as soon as it is paid; returns how to stop looking. */
export function awaitPaid(): () => void {
  const timer = setInterval(() => void goOn(), LOOK_EVERY_MS);
  const unlisten = onReturn(() => void goOn(true));
  void goOn(true);
  return () => {
    clearInterval(timer);
    unlisten();
  };
}

let triedAt = 0;

/** What is paid is booked, again and again while no answer comes; what is not, is looked at. */
async function goOn(atOnce = false): Promise<void> {
  if (document.hidden) return;
  if (!isPaid.value) {
    await lookAtIt();
    return;
  }
  const isRefused = failure.value !== "" && !isUnanswered.value;
  const isSoon = !atOnce && Date.now() - triedAt < AGAIN_MS;
  if (isBooking.value || isRefused || isSoon) return;
  triedAt = Date.now();
  await book();
}

async function lookAtIt(): Promise<void> {
  const begun = current.value;
  if (begun?.status !== "pending") return;
  try {
    learn((await act<PaymentView>(`/api/payments/${begun.id}`, {}, held.value?.asGuest)).data);
  } catch (error) {
    payFailure.value = trouble(error);
  }
  if (hasFailed.value) announce(t("pay_failed"));
  if (isPaid.value) await goOn(true);
}

/** A place that is paid for is held for longer. */
function learn(next: PaymentView): void {
  payment.value = next;
  const mine = held.value;
  if (mine && next.expiresAt && next.holdId === mine.holdId) {
    held.value = { ...mine, expiresAt: next.expiresAt };
  }
}
