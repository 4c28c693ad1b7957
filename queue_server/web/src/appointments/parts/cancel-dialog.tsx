import { useState } from "preact/hooks";
import { when } from "../../schedule/parts/affected";
import { zoneOf } from "../../schedule/state/zones";
import { Modal } from "../../shared/modal";
import { Field } from "../../staff/fields";
import { tellDone } from "../../staff/toasts";
import { refusalWords } from "../model/refusals";
import { callOff, type Visit } from "../state/done";

interface CancelDialogProps {
  visit: Visit;
  onCancelled: () => void;
  onClose: () => void;
}

/** Cancel one appointment, with the reason that is kept with it. */
export function CancelDialog({ visit, onCancelled, onClose }: CancelDialogProps) {
  const [reason, setReason] = useState("");
  const [failure, setFailure] = useState("");
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure("");
    try {
      await callOff(visit, reason.trim());
      tellDone(`${visit.name}: the appointment is cancelled, its time is free.`);
      onCancelled();
      onClose();
    } catch (error) {
      setFailure(refusalWords(error as Error));
      setBusy(false);
    }
  };
  return (
    <Modal title={`Cancel ${visit.name}?`} onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <p>
          {when(visit.start, zoneOf(visit.clinicId))} with {visit.doctorName}. The time is free for
          others at once.
        </p>
        {failure && (
          <p class="failure" role="alert">
            Not cancelled. {failure}
          </p>
        )}
        <Field label="Reason" optional error={undefined}>
          {(attributes) => (
            <input
              {...attributes}
              value={reason}
              maxLength={500}
              autocomplete="off"
              autofocus
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          )}
        </Field>
        <div class="modal-actions">
          <button type="submit" class="primary primary-danger" disabled={isBusy}>
            {isBusy ? "Cancelling…" : "Cancel the appointment"}
          </button>
          <button type="button" onClick={onClose}>
            Keep it
          </button>
        </div>
      </form>
    </Modal>
  );
}
