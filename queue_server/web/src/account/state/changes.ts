import type {
  BookedAppointmentView,
  CancelledAppointmentView,
  Mode,
  SlotBookingView,
  SlotView,
} from "../../generated/contract";
import { act } from "../../patient/api";

/** A visit, and what may still be done about it, as the account and the link see it. */
export type Visit = Pick<
  BookedAppointmentView,
  "appointment" | "slotId" | "state" | "payment" | "canCancelUntil" | "mayCancel" | "mayReschedule"
>;

/** Who changes a visit: an account that it belongs to, or whoever has its link. */
export interface Changes {
  move(slot: SlotView, mode: Mode, key: string): Promise<SlotBookingView>;
  cancel(key: string): Promise<CancelledAppointmentView>;
}

export function ofAccount(appointmentId: string): Changes {
  return changesAt(`/api/appointments/${appointmentId}`, false);
}

export function ofLink(token: string): Changes {
  return changesAt(`/api/appointments/track/${token}`, true);
}

function changesAt(path: string, asGuest: boolean): Changes {
  async function change<T>(what: string, body: object, key: string): Promise<T> {
    const call = { method: "POST", body, headers: { "Idempotency-Key": key } };
    return (await act<T>(`${path}/${what}`, call, asGuest)).data;
  }
  return {
    move: ({ id }, mode, key) => change("reschedule", { slotId: id, mode }, key),
    cancel: (key) => change("cancel", {}, key),
  };
}
