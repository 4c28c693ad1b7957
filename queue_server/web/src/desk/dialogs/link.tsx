import { useEffect, useState } from "preact/hooks";
import type { StaffEntry, StaffQueue } from "../../generated/contract";
import { follow } from "../../shared/route";
import { who } from "../model/words";
import { Modal } from "../parts/modal";
import { TrackingLink } from "../parts/tracking-link";
import { write } from "../state/api";
import { close } from "../state/dialog";
import { ticketAddress } from "../state/route";

export interface Tracking {
  trackingToken: string;
  trackingUrl: string;
}

/** A patient's tracking link, to scan from the screen or to send. */
export function LinkDialog({ queue, entry }: { queue: StaffQueue; entry: StaffEntry }) {
  const [tracking, setTracking] = useState<Tracking | null>(null);
  const [failure, setFailure] = useState("");
  useEffect(() => {
    write<Tracking>("POST", `/api/appointments/tracking-link/${entry.id}`, {})
      .then(setTracking)
      .catch((error: Error) => setFailure(error.message));
  }, [entry.id]);
  return (
    <Modal title={`Link for ${who(entry)}`}>
      {failure && (
        <p role="alert" class="failure">
          No link: {failure}
        </p>
      )}
      {!tracking && !failure && <p>Making a link…</p>}
      {tracking && <TrackingLink tracking={tracking} />}
      <div class="modal-actions">
        <a
          class="button"
          href={ticketAddress(queue.doctorId, queue.date, entry.id)}
          onClick={(event) => {
            close();
            follow(event);
          }}
        >
          Print a paper ticket
        </a>
      </div>
    </Modal>
  );
}
