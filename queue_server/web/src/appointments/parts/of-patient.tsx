import type { BookedAppointmentView, PatientView } from "../../generated/contract";
import { when } from "../../schedule/parts/affected";
import { spelled } from "../../staff/model/names";
import type { Resource } from "../../staff/resource";
import { Empty, Loaded } from "../../staff/states";
import type { Visit } from "../state/done";
import { bookingFor } from "../state/place";
import { stateWords } from "./payment";
import { RowActions } from "./row-actions";

interface OfPatientProps {
  patient: PatientView;
  read: Resource<BookedAppointmentView[]>;
  onOpen: (kind: "move" | "cancel", visit: Visit) => void;
}

/** Everything that a patient has booked, the latest first. */
export function OfPatient({ patient, read, onOpen }: OfPatientProps) {
  return (
    <Loaded of={read} what="the appointments">
      {(found) =>
        found.length === 0 ? (
          <Empty title={`${patient.name} has no appointments`}>
            <p>
              <a href={bookingFor(patient.id)}>Book one</a>.
            </p>
          </Empty>
        ) : (
          <div class="table-frame">
            <table class="table stacked">
              <thead>
                <tr>
                  <th scope="col">Time</th>
                  <th scope="col">Doctor</th>
                  <th scope="col">Visit</th>
                  <th scope="col">State</th>
                  <th scope="col">
                    <span class="sr-only">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {found.map((one) => (
                  <Row key={one.appointment.id} one={one} patient={patient} onOpen={onOpen} />
                ))}
              </tbody>
            </table>
          </div>
        )
      }
    </Loaded>
  );
}

interface RowProps {
  one: BookedAppointmentView;
  patient: PatientView;
  onOpen: (kind: "move" | "cancel", visit: Visit) => void;
}

function Row({ one, patient, onOpen }: RowProps) {
  const { appointment, state, payment, mayCancel, mayReschedule } = one;
  const { clinic, doctor, start, ticket, visitType, mode } = appointment;
  const time = when(start, clinic.timezone);
  const visit: Visit = {
    appointmentId: appointment.id,
    name: patient.name,
    phone: patient.phone,
    start,
    doctorId: doctor.id,
    doctorName: doctor.name,
    clinicId: clinic.id,
    mode,
  };
  return (
    <tr class={mayReschedule || mayCancel ? undefined : "is-over"}>
      <th scope="row">
        <span class="strong">{time}</span> <span class="chip">{ticket}</span>
      </th>
      <td>
        {doctor.name}
        <span class="sub">{clinic.name}</span>
      </td>
      <td>
        {spelled(visitType)}
        {mode === "tele" && ", by video"}
      </td>
      <td>
        {spelled(state)}
        {payment && <span class="sub">{stateWords(payment)}</span>}
      </td>
      <td class="end">
        <RowActions
          canMove={mayReschedule}
          canCancel={mayCancel}
          what={time}
          onOpen={(kind) => onOpen(kind, visit)}
        />
      </td>
    </tr>
  );
}
