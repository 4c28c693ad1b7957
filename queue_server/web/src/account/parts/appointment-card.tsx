import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { BookedAppointmentView, CancelledAppointmentView } from "../../generated/contract";
import { session, trouble } from "../../patient/api";
import { Confirm } from "../../patient/confirm";
import { isOffline } from "../../patient/connection";
import { moment, money } from "../../patient/format";
import { t } from "../../patient/known";
import { commandKey } from "../../shared/key";
import { calendarOf, trackerOf } from "../state/appointments";
import { Failure } from "./failure";
import { Move } from "./move";

export interface AppointmentProps {
  booked: BookedAppointmentView;
  /** Whose it is, when it is not one's own. */
  who: string;
  onDone: (said: string) => void;
}

/** An appointment, and what may still be done about it. */
export function AppointmentCard({ booked, who, onDone }: AppointmentProps) {
  const doing = useSignal<"" | "cancel" | "move">("");
  const { appointment, state, mayCancel, mayReschedule, payment } = booked;
  const { clinic, doctor, room } = appointment;
  const at = moment(appointment.start, clinic.id);
  const isAhead = state === "expected" || state === "waiting";
  return (
    <article class="card appointment" aria-label={`${at}, ${doctor.name}`}>
      <p class="appointment-head">
        <b class="visit-time">{at}</b>
        <span class={`chip state-${state}`}>{t(`account_state_${state}`)}</span>
      </p>
      <h3 dir="auto">{[doctor.name, doctor.specialty].filter(Boolean).join(", ")}</h3>
      <p class="soft" dir="auto">
        {appointment.mode === "tele"
          ? t("tele")
          : [clinic.name, clinic.address, room].filter(Boolean).join(", ")}
      </p>
      {who && <p>{t("account_for", { name: who })}</p>}
      {payment && (
        <p class="soft">
          {t(payment.status === "paid" ? "pay_done" : "pay_open", {
            amount: money(payment.amount, payment.currency),
          })}
        </p>
      )}
      {isAhead && (
        <p class="soft small">
          {mayCancel || mayReschedule
            ? t("account_until", { time: moment(booked.canCancelUntil, clinic.id) })
            : t("account_too_late")}
        </p>
      )}
      <div class="buttons">
        {isAhead && (
          <a class="button" href={trackerOf(booked)}>
            {t("account_follow")}
          </a>
        )}
        {isAhead && (
          <a class="button" href={calendarOf(booked)}>
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
      {doing.value === "move" && (
        <Move booked={booked} onDone={onDone} onClose={() => (doing.value = "")} />
      )}
      {doing.value === "cancel" && (
        <Cancel booked={booked} onDone={onDone} onClose={() => (doing.value = "")} />
      )}
    </article>
  );
}

interface CancelProps {
  booked: BookedAppointmentView;
  onDone: (said: string) => void;
  onClose: () => void;
}

function Cancel({ booked, onDone, onClose }: CancelProps) {
  const key = useRef(commandKey());
  const failure = useSignal("");
  const isBusy = useSignal(false);
  const { appointment } = booked;

  async function cancel(): Promise<void> {
    isBusy.value = true;
    try {
      const headers = { "Idempotency-Key": key.current };
      const path = `/api/appointments/${appointment.id}/cancel`;
      const call = { method: "POST", body: {}, headers };
      await session.request<CancelledAppointmentView>(path, call);
      onClose();
      onDone(t("account_cancelled"));
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
      <Failure text={failure.value} />
    </Confirm>
  );
}
