import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { PaymentView, SlotBookingView } from "../../generated/contract";
import { trouble } from "../../patient/api";
import { Confirm } from "../../patient/confirm";
import { isOffline } from "../../patient/connection";
import { Failure } from "../../patient/failure";
import { moment, money } from "../../patient/format";
import { t } from "../../patient/known";
import { paymentWords, payPage } from "../../patient/payment";
import { commandKey } from "../../shared/key";
import { calendarOf } from "../state/appointments";
import type { Changes, Visit } from "../state/changes";
import { Move } from "./move";

export interface AppointmentProps {
  visit: Visit;
  by: Changes;
  /** The path of its tracker. */
  tracker: string;
  /** Whose it is, when it is not one's own. */
  who?: string;
  /** Its heading, by what stands above it. */
  heading?: "h2" | "h3";
  onDone: (said: string, moved?: SlotBookingView) => void;
}

/** An appointment, and what may still be done about it. */
export function AppointmentCard(props: AppointmentProps) {
  const { visit, by, tracker, who = "", heading: Heading = "h3", onDone } = props;
  const doing = useSignal<"" | "cancel" | "move">("");
  const { appointment, state, mayCancel, mayReschedule, payment } = visit;
  const { clinic, doctor, room } = appointment;
  const at = moment(appointment.start, clinic.id);
  const isAhead = state === "expected" || state === "waiting";
  const toPay = isAhead && payment && payPage(payment);
  const close = () => (doing.value = "");
  return (
    <article class="card appointment" aria-label={`${at}, ${doctor.name}`}>
      <p class="appointment-head">
        <b class="visit-time">{at}</b>
        <span class={`chip state-${state}`}>{t(`account_state_${state}`)}</span>
      </p>
      <Heading class="visit-with" dir="auto">
        {[doctor.name, doctor.specialty].filter(Boolean).join(", ")}
      </Heading>
      <p class="soft" dir="auto">
        {appointment.mode === "tele"
          ? t("tele")
          : [clinic.name, clinic.address, room].filter(Boolean).join(", ")}
      </p>
      {who && <p>{t("account_for", { name: who })}</p>}
      {payment && <p class="soft">{paymentWords(payment)}</p>}
      {isAhead && (
        <p class="soft small">
          {mayCancel || mayReschedule
            ? t("account_until", { time: moment(visit.canCancelUntil, clinic.id) })
            : t("account_too_late")}
        </p>
      )}
      <div class="buttons">
        {toPay && (
          <a class="button" href={toPay}>
            {t("pay_page")}
          </a>
        )}
        {isAhead && (
          <a class="button" href={tracker}>
            {t("account_follow")}
          </a>
        )}
        {isAhead && (
          <a class="button" href={calendarOf(tracker)}>
            {t("to_calendar")}
          </a>
        )}
        {mayReschedule && (
          <button
            type="button"
            aria-expanded={doing.value === "move"}
            disabled={isOffline.value}
            onClick={() => (doing.value = doing.value === "move" ? "" : "move")}
          >
            {t("account_move")}
          </button>
        )}
        {mayCancel && (
          <button
            type="button"
            class="danger"
            disabled={isOffline.value}
            onClick={() => (doing.value = "cancel")}
          >
            {t("account_cancel")}
          </button>
        )}
      </div>
      {doing.value === "move" && <Move visit={visit} by={by} onDone={onDone} onClose={close} />}
      {doing.value === "cancel" && <Cancel visit={visit} by={by} onDone={onDone} onClose={close} />}
    </article>
  );
}

interface CancelProps {
  visit: Visit;
  by: Changes;
  onDone: (said: string) => void;
  onClose: () => void;
}

function Cancel({ visit, by, onDone, onClose }: CancelProps) {
  const key = useRef(commandKey());
  const failure = useSignal("");
  const isBusy = useSignal(false);
  const { appointment, payment } = visit;

  async function cancel(): Promise<void> {
    isBusy.value = true;
    try {
      const made = await by.cancel(key.current);
      onClose();
      const paid = made.payment && paymentWords(made.payment);
      onDone([t("account_cancelled"), paid].filter(Boolean).join(" "));
    } catch (error) {
      failure.value = trouble(error);
    } finally {
      isBusy.value = false;
    }
  }

  const time = moment(appointment.start, appointment.clinic.id);
  return (
    <Confirm
      question={t("account_cancel_sure", { doctor: appointment.doctor.name, time })}
      yes={t("account_cancel_yes")}
      no={t("account_cancel_no")}
      isGrave
      isBusy={isBusy.value}
      onYes={() => void cancel()}
      onNo={onClose}
    >
      {payment?.status === "paid" && <p>{refundWords(payment)}</p>}
      <Failure text={failure.value} />
    </Confirm>
  );
}

/** What becomes of the money when the visit is cancelled. */
function refundWords({ provider, amount, currency }: PaymentView): string {
  const said = { amount: money(amount, currency) };
  return t(provider === "desk" ? "account_cancel_refund_desk" : "account_cancel_refund", said);
}
