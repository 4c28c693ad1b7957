import { useMemo, useState } from "preact/hooks";
import type { DoctorDetail, PaymentView, SlotBookingView } from "../../generated/contract";
import { announce } from "../../shared/announce";
import { commandKey } from "../../shared/key";
import { shownAmount } from "../../staff/model/money";
import { useResource } from "../../staff/resource";
import { get } from "../../staff/rest";
import { feeOf } from "../model/fee";
import { refusalWords } from "../model/refusals";
import { giveBack, takePayment } from "../state/visits";

/** What the visit costs, and whether it is paid: it can be taken at the desk, and given back. */
export function Payment({ made }: { made: SlotBookingView }) {
  const { appointment, slot } = made;
  const path = `/api/doctors/${slot.doctorId}`;
  const doctor = useResource(path, () => get<DoctorDetail>(path));
  const [payment, setPayment] = useState<PaymentView | null>(made.payment);
  const [failure, setFailure] = useState("");
  const [isBusy, setBusy] = useState(false);
  // One for all attempts: when an answer is lost, the next press must not take it twice.
  const key = useMemo(commandKey, []);
  const fees = doctor.value?.fees ?? null;
  const owed = feeOf(fees, appointment.visitType, appointment.mode);
  const act = async (work: () => Promise<PaymentView>): Promise<void> => {
    setBusy(true);
    setFailure("");
    try {
      const now = await work();
      setPayment(now);
      announce(stateWords(now));
    } catch (error) {
      setFailure(refusalWords(error as Error));
    }
    setBusy(false);
  };
  if (payment === null && (fees === null || owed === 0)) return null;
  const isOpen = payment === null || payment.status === "pending" || payment.status === "failed";
  return (
    <div class="booked-payment">
      <p>
        {payment === null || isOpen
          ? `To pay: ${amountOf(payment, owed, fees?.currency ?? "")}`
          : stateWords(payment)}
      </p>
      {isOpen && (
        <button
          type="button"
          disabled={isBusy}
          onClick={() => void act(() => takePayment(appointment.id, key))}
        >
          {isBusy ? "Taking…" : "Paid at the desk"}
        </button>
      )}
      {payment?.status === "paid" && (
        <button
          type="button"
          class="quiet"
          disabled={isBusy}
          onClick={() => void act(() => giveBack(payment.id))}
        >
          {isBusy ? "Giving back…" : "Give it back"}
        </button>
      )}
      {failure && (
        <p class="field-error" role="alert">
          <span aria-hidden="true">! </span>
          {failure}
        </p>
      )}
    </div>
  );
}

const STATES: Readonly<Record<PaymentView["status"], string>> = {
  pending: "To pay",
  paid: "Paid",
  failed: "Not paid",
  refund_pending: "Being given back",
  refunded: "Given back",
  cancelled: "Nothing to pay",
};

/** "Paid: €45.00": how a payment stands. */
export function stateWords({ status, amount, currency }: PaymentView): string {
  const word = STATES[status];
  return status === "cancelled" ? word : `${word}: ${shownAmount(amount, currency)}`;
}

function amountOf(payment: PaymentView | null, owed: number, currency: string): string {
  return payment ? shownAmount(payment.amount, payment.currency) : shownAmount(owed, currency);
}
