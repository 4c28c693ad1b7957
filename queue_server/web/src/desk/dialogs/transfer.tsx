import type { StaffEntry, StaffQueue } from "../../generated/contract";
import { who } from "../model/words";
import { Modal } from "../parts/modal";
import { doctors, shown } from "../state/board";
import { run } from "../state/commands";
import { close } from "../state/dialog";

/** Which doctor a patient goes to instead; the ticket stays the same. */
export function TransferDialog({ queue, entry }: { queue: StaffQueue; entry: StaffEntry }) {
  const others = doctors.value.filter((doctor) => doctor.id !== queue.doctorId);
  const choose = (doctorId: string): void => {
    close();
    const body = { appointmentId: entry.id, doctorId };
    void run({ name: "transfer", lane: queue.doctorId, body });
  };
  return (
    <Modal title={`Transfer ${who(entry)} to`}>
      {others.length === 0 && <p>This clinic has no other doctor today.</p>}
      <ul class="choices">
        {others.map((doctor, index) => (
          <li key={doctor.id}>
            <button
              type="button"
              class="choice"
              autofocus={index === 0}
              onClick={() => choose(doctor.id)}
            >
              <span>
                <strong>{doctor.name}</strong>
                <span class="choice-detail">
                  {[doctor.specialty, doctor.room, waiting(doctor.id)].filter(Boolean).join(" · ")}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p class="hint">The ticket {entry.ticket} stays; the patient's phone tells the new room.</p>
    </Modal>
  );
}

function waiting(doctorId: string): string {
  const line = shown.value.get(doctorId)?.line;
  return line ? `${line.length} in line` : "";
}
