import { DoctorSchedules } from "../../../schedule/parts/doctor-schedules";
import { route } from "../../../shared/route";
import "../../../schedule/schedule.css";
import type { DoctorTabProps } from "../../section";
import { filterBy } from "../../state/address";

/** A doctor's weekly hours, as a tab of the doctor's page. */
export default function Schedule({ doctor, reload }: DoctorTabProps) {
  return (
    <DoctorSchedules
      doctorId={doctor.id}
      clinicIds={doctor.clinicIds}
      week={route.value.query.get("week")}
      onWeek={(week) => filterBy({ week })}
      onSaved={() => void reload()}
    />
  );
}
