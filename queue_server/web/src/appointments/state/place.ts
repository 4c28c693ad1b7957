import type { DoctorDetail, Mode } from "../../generated/contract";
import { isDate } from "../../schedule/model/wall-time";
import { replaceAddress, route } from "../../shared/route";
import { clinics, todayAt } from "../../staff/directory";

// What is looked at stands in the address: a reload, and a colleague, see the same.

/** What the address says: a clinic, a doctor of it ("" for any), a day and a way of meeting. */
export interface Place {
  clinicId: string;
  doctorId: string;
  date: string;
  mode: Mode;
}

/** Read the address; what it leaves out is the first clinic, any doctor, today, in person. */
export function placeOf(query: URLSearchParams): Place {
  const known = clinics.value ?? [];
  const asked = query.get("clinic");
  const clinicId = known.find(({ id }) => id === asked)?.id ?? known[0]?.id ?? "";
  const date = query.get("date");
  return {
    clinicId,
    doctorId: query.get("doctor") ?? "",
    date: isDate(date) ? date : todayAt(clinicId),
    mode: query.get("mode") === "tele" ? "tele" : "in_person",
  };
}

/** The doctor whom the address names without a clinic: which one it is, is still to be found. */
export function doctorAlone(query: URLSearchParams): string | null {
  return query.get("clinic") ? null : query.get("doctor") || null;
}

/** Where a doctor is looked at: at home, else at the first of the doctor's clinics that we know. */
export function clinicOf({ homeClinicId, clinicIds }: DoctorClinics, known: readonly string[]) {
  const all = homeClinicId ? [homeClinicId, ...clinicIds] : clinicIds;
  return all.find((id) => known.includes(id)) ?? known[0] ?? "";
}

type DoctorClinics = Pick<DoctorDetail, "homeClinicId" | "clinicIds">;

/** The patient whom the address names, for whom a time is chosen. */
export function patientOf(query: URLSearchParams): string | null {
  return query.get("patient") || null;
}

/** The address where somebody who is known is booked. */
export function bookingFor(patientId: string): string {
  const { clinicId } = placeOf(route.value.query);
  return `/desk/book?${new URLSearchParams({ clinic: clinicId, patient: patientId })}`;
}

/** Look at something else; where we are stays one step for "back". */
export function look(
  change: Partial<Place>,
  patientId: string | null = patientOf(route.value.query),
): void {
  const { clinicId, doctorId, date, mode } = { ...placeOf(route.value.query), ...change };
  const place = { clinic: clinicId, doctor: doctorId, date, mode };
  const query = new URLSearchParams({ ...place, ...(patientId && { patient: patientId }) });
  replaceAddress(`${route.value.path}?${query}`);
}
