import type { Mode } from "../../generated/contract";
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

/** Look at something else; where we are stays one step for "back". */
export function look(change: Partial<Place>): void {
  const { clinicId, doctorId, date, mode } = { ...placeOf(route.value.query), ...change };
  const query = new URLSearchParams({ clinic: clinicId, doctor: doctorId, date, mode });
  replaceAddress(`${route.value.path}?${query}`);
}
