import { useEffect, useState } from "preact/hooks";
import type { PlaceChange, StaffEntry, StaffQueue } from "../../generated/contract";
import { clockTime } from "../../shared/time";
import { who } from "../model/words";
import { Modal } from "../parts/modal";
import { read } from "../state/api";

/** Every moment at which a patient's place changed, and why. */
export function WhyDialog({ queue, entry }: { queue: StaffQueue; entry: StaffEntry }) {
  const [changes, setChanges] = useState<PlaceChange[] | null>(null);
  const [failure, setFailure] = useState("");
  useEffect(() => {
    read<PlaceChange[]>(`/api/appointments/queue/changes/${entry.id}`)
      .then((answer) => {
        setChanges(answer);
        setFailure("");
      })
      .catch((error: Error) => setFailure(error.message));
  }, [entry.id, queue.version]);
  const zone = queue.header.timezone;
  return (
    <Modal title={`Why ${who(entry)} stands here`}>
      {failure && (
        <p role="alert" class="failure">
          {failure} Close this and open it again.
        </p>
      )}
      {!changes && !failure && <p>Looking it up…</p>}
      {changes?.length === 0 && <p>The place has not changed since the day began.</p>}
      {changes && changes.length > 0 && <p class="hint">In the words of the patient's phone.</p>}
      {changes && changes.length > 0 && (
        <ol class="changes">
          {changes.map((change) => (
            <li key={`${change.version}-${change.reason}`}>
              <time dateTime={change.at}>{clockTime(change.at, zone)}</time>
              <span class="changes-places">
                {place(change.was)} <span aria-hidden="true">→</span>
                <span class="sr-only"> to </span> {place(change.now)}
              </span>
              <span>{change.explanation}</span>
            </li>
          ))}
        </ol>
      )}
    </Modal>
  );
}

function place(position: number | null): string {
  if (position === null) return "–";
  return position === 0 ? "called" : String(position);
}
