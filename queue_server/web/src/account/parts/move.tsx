import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Times } from "../../book/parts/times";
import { offeringOf } from "../../book/parts/use-times";
import type {
  BookedAppointmentView,
  DoctorDetail,
  Mode,
  SlotBookingView,
  SlotView,
} from "../../generated/contract";
import { look, session, trouble } from "../../patient/api";
import { Confirm } from "../../patient/confirm";
import { moment } from "../../patient/format";
import { t } from "../../patient/known";
import { commandKey } from "../../shared/key";
import { Failure } from "./failure";

export interface MoveProps {
  booked: BookedAppointmentView;
  onDone: (said: string) => void;
  onClose: () => void;
}

/** Another time for an appointment, with the same doctor. What there is stays until that is had. */
export function Move({ booked, onDone, onClose }: MoveProps) {
  const { appointment } = booked;
  const doctor = useSignal<DoctorDetail | null>(null);
  const chosen = useSignal<{ slot: SlotView; mode: Mode } | null>(null);
  const failure = useSignal("");
  const isBusy = useSignal(false);
  const key = useRef("");

  useEffect(() => {
    look<DoctorDetail>(`/api/doctors/${appointment.doctor.id}`).then(
      ({ data }) => (doctor.value = data),
      (error) => (failure.value = trouble(error)),
    );
  }, [appointment.doctor.id]);

  function choose(slot: SlotView, mode: Mode): void {
    key.current = commandKey();
    failure.value = "";
    chosen.value = { slot, mode };
  }

  async function move(): Promise<void> {
    const wanted = chosen.value;
    if (!wanted) return;
    isBusy.value = true;
    try {
      await session.request<SlotBookingView>(`/api/appointments/${appointment.id}/reschedule`, {
        method: "POST",
        body: { slotId: wanted.slot.id, mode: wanted.mode },
        headers: { "Idempotency-Key": key.current },
      });
      onClose();
      onDone(t("account_moved", { time: moment(wanted.slot.start, wanted.slot.clinicId) }));
    } catch (error) {
      failure.value = trouble(error);
      chosen.value = null;
    } finally {
      isBusy.value = false;
    }
  }

  const wanted = chosen.value?.slot;
  return (
    <section
      class="move"
      aria-label={t("account_move_heading", { doctor: appointment.doctor.name })}
    >
      <Failure text={failure.value} />
      {doctor.value && (
        <Times
          of={offeringOf(doctor.value)}
          mode={appointment.mode}
          mine={() => booked.slotId}
          onTake={(slot, mode) => slot.id !== booked.slotId && choose(slot, mode)}
        />
      )}
      {wanted && (
        <Confirm
          question={t("account_move_sure", { time: moment(wanted.start, wanted.clinicId) })}
          yes={t("account_move_yes")}
          no={t("back")}
          isBusy={isBusy.value}
          onYes={() => void move()}
          onNo={() => (chosen.value = null)}
        />
      )}
    </section>
  );
}
