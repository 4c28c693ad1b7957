import { useState } from "preact/hooks";
import type { StaffQueue } from "../../generated/contract";
import { patients } from "../model/words";
import { Modal } from "../parts/modal";
import { doctors, shown } from "../state/board";
import { run } from "../state/commands";
import { close } from "../state/dialog";
import { canAct } from "../state/live";

/** The doctor does not come: everybody is spread over the doctors that are named here. */
export function AbsentDialog({ queue }: { queue: StaffQueue }) {
  const [chosen, setChosen] = useState<string[]>([]);
  const others = doctors.value.filter((doctor) => doctor.id !== queue.doctorId);
  const count = queue.line.length + queue.entries.filter((one) => one.state === "called").length;
  const toggle = (id: string): void =>
    setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  const submit = (event: Event): void => {
    event.preventDefault();
    close();
    const body = { doctorId: queue.doctorId, doctorIds: chosen };
    void run({ name: "absent", lane: queue.doctorId, body });
  };
  return (
    <Modal title={`${queue.header.doctor.name} is absent`}>
      <form class="form" onSubmit={submit}>
        <fieldset>
          <legend>Move {patients(count)} to</legend>
          {others.map((doctor) => (
            <label key={doctor.id} class="check">
              <input
                type="checkbox"
                checked={chosen.includes(doctor.id)}
                onChange={() => toggle(doctor.id)}
              />
              <span>
                {doctor.name}
                <span class="choice-detail">
                  {[doctor.specialty, lineLength(doctor.id)].filter(Boolean).join(" · ")}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
        {others.length === 0 && (
          <p>This clinic has no other doctor. Message the patients instead.</p>
        )}
        <p class="hint">Tickets stay as they are; every phone tells its new doctor and room.</p>
        <div class="modal-actions">
          <button
            type="submit"
            class="primary"
            disabled={!canAct.value || chosen.length === 0 || count === 0}
          >
            Move everybody
          </button>
          <button type="button" onClick={close}>
            Not now
          </button>
        </div>
      </form>
    </Modal>
  );
}

function lineLength(doctorId: string): string {
  const line = shown.value.get(doctorId)?.line;
  return line ? `${line.length} in line` : "";
}
