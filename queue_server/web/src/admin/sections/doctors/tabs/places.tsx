import { isAdmin } from "../../../../staff/account";
import { clinicName, clinics, departmentName, departments } from "../../../../staff/directory";
import type { DoctorTabProps } from "../../../section";
import { address } from "../../../state/address";
import { FeesCard } from "../parts/fees-card";
import { Membership } from "../parts/membership";
import { RoomsCard } from "../parts/rooms-card";

/** Where a doctor works and belongs, in which rooms, and what a visit costs. */
export function PlacesTab({ doctor, reload }: DoctorTabProps) {
  const { id, clinicIds, departmentIds, homeClinicId } = doctor;
  const open = (clinics.value ?? []).filter((clinic) => clinic.active);
  return (
    <div class="columns">
      <div class="column">
        <Membership
          title="Clinics"
          hint="The first one is the home clinic: its queue is where the doctor's patients wait."
          empty="No clinic yet. Without one nobody can come."
          noChoice={{
            text: "There is no other clinic.",
            href: address("clinics"),
            label: "Clinics",
          }}
          path={`/api/doctors/${id}/locations`}
          field="clinicId"
          member={doctor}
          chosen={clinicIds.map((one) => ({
            id: one,
            name: clinicName(one),
            ...(one === homeClinicId && { note: "Home clinic" }),
          }))}
          choices={open.filter((clinic) => !clinicIds.includes(clinic.id))}
          canChange={isAdmin.value}
          reload={reload}
        />
        <Membership
          title="Departments"
          hint="The head of a department decides about the doctor's leave."
          empty="No department yet."
          noChoice={{
            text: "There is no other department.",
            href: address("departments"),
            label: "Departments",
          }}
          path={`/api/doctors/${id}/departments`}
          field="departmentId"
          member={doctor}
          chosen={departmentIds.map((one) => ({ id: one, name: departmentName(one) }))}
          choices={(departments.value ?? []).filter(
            (one) => one.active && !departmentIds.includes(one.id),
          )}
          canChange={isAdmin.value}
          reload={reload}
        />
      </div>
      <div class="column">
        <FeesCard doctor={doctor} reload={reload} />
        <RoomsCard doctor={doctor} reload={reload} />
      </div>
    </div>
  );
}
