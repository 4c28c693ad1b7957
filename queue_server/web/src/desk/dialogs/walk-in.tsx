import { useState } from "preact/hooks";
import type { WalkInResult } from "../../generated/contract";
import { follow } from "../../shared/route";
import { Modal } from "../parts/modal";
import { TrackingLink } from "../parts/tracking-link";
import { WalkInForm } from "../parts/walk-in-form";
import { shown } from "../state/board";
import { close } from "../state/dialog";
import { ticketAddress } from "../state/route";

/** A patient without an appointment: the form, then the ticket and the link. */
export function WalkInDialog({ lane }: { lane: string }) {
  const [added, setAdded] = useState<{ lane: string; result: WalkInResult } | null>(null);
  if (!added) {
    return (
      <Modal title="Add a walk-in">
        <WalkInForm lane={lane} onAdded={(chosen, result) => setAdded({ lane: chosen, result })} />
      </Modal>
    );
  }
  const { appointment } = added.result;
  const queue = shown.value.get(added.lane);
  const position = queue?.entries.find((entry) => entry.id === appointment.id)?.position;
  return (
    <Modal title="Added to the line">
      <p class="walk-in-place" role="status">
        <strong class="walk-in-ticket">{appointment.ticket}</strong>
        {appointment.doctor.name}
        {appointment.room && ` · ${appointment.room}`}
        {position ? ` · place ${position}` : ""}
      </p>
      <TrackingLink tracking={added.result} />
      <div class="modal-actions">
        <a
          class="button primary"
          href={ticketAddress(added.lane, added.result.queue.date, appointment.id)}
          onClick={(event) => {
            close();
            follow(event);
          }}
        >
          Print the ticket
        </a>
        <button type="button" onClick={() => setAdded(null)}>
          Add another
        </button>
        <button type="button" onClick={close}>
          Done
        </button>
      </div>
    </Modal>
  );
}
