// @vitest-environment happy-dom
import { beforeAll, expect, it } from "vitest";
import type { PaymentStatus, PaymentView } from "../generated/contract";

const SAID: Record<PaymentStatus, string> = {
  pending: "open €40.00",
  failed: "open €40.00",
  paid: "paid €40.00",
  refund_pending: "going back €40.00",
  refunded: "gone back €40.00",
  cancelled: "nothing",
};

const words = {
  pay_open: "open {amount}",
  pay_done: "paid {amount}",
  pay_going_back: "going back {amount}",
  pay_gone_back: "gone back {amount}",
  pay_nothing: "nothing",
};

function payment(status: PaymentStatus): PaymentView {
  const payUrl = "https://pay.example/1";
  return { status, amount: 4000, currency: "EUR", payUrl } as PaymentView;
}

beforeAll(() => {
  const known = { language: "en", words, store: { clinics: [] } };
  document.body.innerHTML = `<script id="known" type="application/json">${JSON.stringify(known)}</script>`;
});

it("says of every payment how it stands, and of none that went back that it is owed", async () => {
  const { paymentWords } = await import("./payment");
  for (const [status, said] of Object.entries(SAID)) {
    expect(paymentWords(payment(status as PaymentStatus))).toBe(said);
  }
});

it("leads to the provider's page while it is owed, and not after", async () => {
  const { payPage } = await import("./payment");
  expect(payPage(payment("pending"))).toBe("https://pay.example/1");
  expect(payPage(payment("failed"))).toBe("https://pay.example/1");
  for (const over of ["paid", "refund_pending", "refunded", "cancelled"] as const) {
    expect(payPage(payment(over))).toBeNull();
  }
});
