import type {
  BookedAppointmentView,
  HoldView,
  PaymentView,
  QueueCommandResult,
  SlotBookingView,
  StaffQueue,
} from "../../generated/contract";
import { get, post, query } from "../../staff/rest";
import { explained, isTimeGone, refusalWords } from "../model/refusals";
import { forgetHold, notHeld } from "./holding";

/** What is said about a visit besides its time. */
export interface Visit {
  patient: Record<string, string>;
  visitType: string;
  equipmentIds: string[];
}

/** Book the time that is held; one `key` books once. Where it is gone, others near it are shown. */
export async function bookHeld(
  { holdId, mode, slot }: HoldView,
  key: string,
  visit: Visit,
): Promise<SlotBookingView> {
  const body = { holdId, mode, ...visit };
  try {
    // Another time is another request, though nothing that was typed has changed.
    const made = await post<SlotBookingView>(`/api/slots/${slot.id}/book`, body, {
      key: `${key}-${holdId}`,
    });
    forgetHold();
    return made;
  } catch (error) {
    if (isTimeGone(error as Error)) {
      forgetHold();
      notHeld.value = { text: refusalWords(error as Error), wanted: slot };
    }
    throw explained(error as Error);
  }
}

/** Everybody booked with a doctor on a day, whatever has become of them. */
export function dayOf(doctorId: string, date: string): Promise<StaffQueue> {
  return get<StaffQueue>(`/api/appointments/queue/state/${doctorId}${query({ date })}`);
}

/** An appointment as it is, with the slot that it has. */
export function appointment(appointmentId: string): Promise<BookedAppointmentView> {
  return get<BookedAppointmentView>(`/api/appointments/${appointmentId}`);
}

/** All appointments of a patient, the latest first. */
export function appointmentsOf(patientId: string): Promise<BookedAppointmentView[]> {
  return get<BookedAppointmentView[]>(`/api/patients/${patientId}/appointments`);
}

/** Take what a visit costs at the desk; one `key` takes it once. */
export function takePayment(appointmentId: string, key: string): Promise<PaymentView> {
  return post<PaymentView>("/api/payments", { appointmentId, method: "desk" }, { key });
}

/** Give back what was paid. */
export function giveBack(paymentId: string): Promise<PaymentView> {
  return post<PaymentView>(`/api/payments/${paymentId}/refund`, {
    reason: "Taken by mistake at the desk",
  });
}

/** Give an appointment another time; its links go on working. */
export function reschedule(appointmentId: string, slotId: string, key?: string) {
  const path = `/api/appointments/${appointmentId}/reschedule`;
  return post<SlotBookingView>(path, { slotId }, { key });
}

/** Put somebody into another doctor's line of the same day, without a time of their own there. */
export function transfer(appointmentId: string, doctorId: string): Promise<QueueCommandResult> {
  return post(`/api/appointments/queue/transfer/${appointmentId}`, { doctorId });
}

/** Cancel an appointment: its time is free again. */
export function cancel(appointmentId: string, reason: string): Promise<unknown> {
  return post(`/api/appointments/${appointmentId}/cancel`, reason ? { reason } : {});
}

/** Take back the newest command about an appointment; the server keeps that open for a while. */
export async function undo(doctorId: string, date: string, appointmentId: string): Promise<void> {
  const { header } = await dayOf(doctorId, date);
  const newest = header.undo
    .filter((one) => one.entryId === appointmentId)
    .sort((one, other) => other.version - one.version)[0];
  if (!newest) throw new Error("This cannot be undone any more. Book a time for them again.");
  await post(`/api/appointments/queue/undo/${doctorId}`, { version: newest.version, date });
}
