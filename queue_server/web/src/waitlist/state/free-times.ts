import type { ClinicCalendarView, StaffSlotView } from "../../generated/contract";
import { addDays } from "../../schedule/model/wall-time";
import { type Resource, useResource } from "../../staff/resource";
import { all, get, query } from "../../staff/rest";

/** For how many days times are read at once. */
export const LOOK_DAYS = 14;
/** Of so many doctors times are read at once. */
const MOST_DOCTORS = 8;

/** Free times of a clinic from `from` (`YYYY-MM-DD`) on, of one doctor or of all, the soonest first. */
export function useFreeTimes(
  clinicId: string,
  doctorId: string | null,
  from: string,
): Resource<StaffSlotView[]> {
  return useResource(`${clinicId} ${doctorId} ${from}`, async () => {
    const to = addDays(from, LOOK_DAYS - 1);
    const whose = doctorId ? [doctorId] : await withFreeTimes(clinicId, from, to);
    const found = await Promise.all(whose.map((doctor) => freeOf(clinicId, doctor, from, to)));
    return found
      .flat()
      .sort(
        (one, other) =>
          one.start.localeCompare(other.start) || one.doctorName.localeCompare(other.doctorName),
      );
  });
}

async function freeOf(clinicId: string, doctorId: string, from: string, to: string) {
  const path = `/api/doctors/${doctorId}/slots${query({ from, to, limit: 200 })}`;
  const found = await all<StaffSlotView>(path);
  return found.filter((slot) => slot.clinicId === clinicId && slot.status === "free");
}

async function withFreeTimes(clinicId: string, from: string, to: string): Promise<string[]> {
  const path = `/api/calendar${query({ clinicId, from, to })}`;
  const { doctors } = await get<ClinicCalendarView>(path);
  return doctors
    .filter(({ days }) => days.some(({ slots }) => slots.free > 0))
    .map(({ doctorId }) => doctorId)
    .slice(0, MOST_DOCTORS);
}
