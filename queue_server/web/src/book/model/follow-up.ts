import type { BookedAppointmentView } from "../../generated/contract";

/** A visit that took place, as far as following it up needs to know. */
export interface EarlierVisit {
  id: string;
  start: string;
  /** Of the clinic where it was. */
  timezone: string;
  doctorId: string;
  doctorName: string;
}

/**
 * What a visit of this patient with this doctor can follow up: what took place, the visits with the
 * same doctor first, the latest of them before all.
 */
export function earlierVisits(
  booked: readonly BookedAppointmentView[],
  patientId: string,
  doctorId: string,
): EarlierVisit[] {
  const isWithOther = (one: EarlierVisit) => Number(one.doctorId !== doctorId);
  return booked
    .filter((one) => one.state === "completed" && one.patientId === patientId)
    .map(({ appointment: { id, start, clinic, doctor } }) => ({
      id,
      start,
      timezone: clinic.timezone,
      doctorId: doctor.id,
      doctorName: doctor.name,
    }))
    .sort(
      (one, other) =>
        isWithOther(one) - isWithOther(other) || Date.parse(other.start) - Date.parse(one.start),
    );
}
