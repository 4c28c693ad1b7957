import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { Times } from "../../book/parts/times";
import { offeringOf } from "../../book/parts/use-times";
import type { DoctorDetail, Mode, SlotBookingView, SlotView } from "../../generated/contract";
import { isRefusal, trouble } from "../../patient/api";
import { Confirm } from "../../patient/confirm";
import { Failure } from "../../patient/failure";
import { moment } from "../../patient/format";
import { t, zoneOf } from "../../patient/known";
import { useLoaded } from "../../patient/use-loaded";
import { localDate } from "../../shared/dates";
import { Refused } from "../../shared/http";
import { commandKey } from "../../shared/key";
import type { Changes, Visit } from "../state/changes";
import { Instead } from "./instead";

/** The time itself cannot be had: others near it may do. */
const GONE = ["slot_unavailable", "slot_blocked", "slot_past", "mode_not_offered", "not_found"];

interface Wanted {
  slot: SlotView;
  mode: Mode;
}

export interface MoveProps {
  visit: Visit;
  by: Changes;
  onDone: (said: string, moved: SlotBookingView) => void;
  onClose: () => void;
}

/** Another time for an appointment, with the same doctor. What there is stays until that is had. */
export function Move({ visit, by, onDone, onClose }: MoveProps) {
  const { appointment, slotId } = visit;
  const doctor = useLoaded<DoctorDetail>(`/api/doctors/${appointment.doctor.id}`, true);
  const chosen = useSignal<Wanted | null>(null);
  const lost = useSignal<Wanted | null>(null);
  const failure = useSignal("");
  const isBusy = useSignal(false);
  const key = useRef("");

  function choose(slot: SlotView, mode: Mode): void {
    key.current = commandKey();
    failure.value = "";
    chosen.value = { slot, mode };
  }

  async function move(): Promise<void> {
    const wanted = chosen.value;
    if (!wanted) return;
    isBusy.value = true;
    failure.value = "";
    try {
      const made = await by.move(wanted.slot, wanted.mode, key.current);
      onClose();
      onDone(t("account_moved", { time: whenOf(wanted.slot) }), made);
    } catch (error) {
      if (isRefusal(error, ...GONE)) {
        chosen.value = null;
        lost.value = wanted;
      } else failure.value = isOtherPrice(error) ? t("account_other_price") : trouble(error);
    } finally {
      isBusy.value = false;
    }
  }

  const { clinic } = appointment;
  const wanted = chosen.value?.slot;
  const gone = lost.value;
  return (
    <section
      class="move"
      aria-label={t("account_move_heading", { doctor: appointment.doctor.name })}
    >
      {gone && (
        <Instead
          gone={gone.slot}
          mode={gone.mode}
          own={slotId}
          onTake={(slot) => choose(slot, gone.mode)}
        />
      )}
      <Failure text={doctor.failure.value} onRetry={doctor.load} />
      {!doctor.data.value && !doctor.failure.value && <p class="starting">{t("loading")}</p>}
      {doctor.data.value && (
        <Times
          of={offeringOf(doctor.data.value)}
          day={localDate(zoneOf(clinic.id), new Date(appointment.start))}
          mode={appointment.mode}
          mine={() => slotId}
          onTake={(slot, mode) => slot.id !== slotId && choose(slot, mode)}
        />
      )}
      {wanted && (
        <Confirm
          question={t("account_move_sure", { time: whenOf(wanted) })}
          yes={t("account_move_yes")}
          no={t("back")}
          isBusy={isBusy.value}
          onYes={() => void move()}
          onNo={() => (chosen.value = null)}
        >
          <Failure text={failure.value} />
        </Confirm>
      )}
    </section>
  );
}

/** A visit that is paid for is moved to where it costs the same. */
function isOtherPrice(error: unknown): boolean {
  if (!(error instanceof Refused) || error.problem.code !== "conflict") return false;
  return error.problem.errors.some(({ field }) => field === "slotId");
}

function whenOf({ start, clinicId }: SlotView): string {
  return moment(start, clinicId);
}
