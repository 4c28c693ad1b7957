import { useState } from "preact/hooks";
import type { StaffEntryView } from "../../../../generated/contract";
import { counted } from "../../../../schedule/model/preview-words";
import { addDays } from "../../../../schedule/model/wall-time";
import { zoneOf } from "../../../../schedule/state/zones";
import { Modal } from "../../../../shared/modal";
import { instantAt } from "../../../../shared/time";
import { todayAt } from "../../../../staff/directory";
import { Field } from "../../../../staff/fields";
import type { Change } from "../../../../waitlist/model/order";
import { deferFault } from "../../../../waitlist/parts/entry-dialogs";

interface BulkDialogProps {
  kind: "defer" | "cancel";
  entries: readonly StaffEntryView[];
  /** The change for each, as each clinic's clock has it. */
  onChosen: (changeOf: (entry: StaffEntryView) => Change) => void;
  onClose: () => void;
}

/** What is to be done with many, said once. */
export function BulkDialog({ kind, entries, onChosen, onClose }: BulkDialogProps) {
  const today = todayAt(entries[0]?.clinicId ?? "");
  const [date, setDate] = useState(addDays(today, 7));
  const [reason, setReason] = useState("");
  const [error, setError] = useState<string>();
  const people = counted(entries.length, "patient");
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const fault = kind === "defer" ? deferFault(date, today) : undefined;
    setError(fault);
    if (fault) return;
    onChosen((entry) =>
      kind === "cancel"
        ? { kind, reason: reason.trim() }
        : {
            kind,
            until: new Date(instantAt(date, "06:00", zoneOf(entry.clinicId))).toISOString(),
          },
    );
  };
  return (
    <Modal
      title={kind === "defer" ? `Defer ${people}` : `Take ${people} off the waitlist?`}
      onClose={onClose}
    >
      <form class="form" noValidate onSubmit={submit}>
        <p>
          {kind === "defer"
            ? "They keep what they have waited for; until then no time is offered to them."
            : "Each of them is told so. Who joins again later begins to wait anew."}
        </p>
        <p class="bulk-names">{entries.map(({ patientName }) => patientName).join(", ")}</p>
        {kind === "defer" ? (
          <Field label="Not before" error={error}>
            {(attributes) => (
              <input
                {...attributes}
                type="date"
                autofocus
                min={addDays(today, 1)}
                value={date}
                onInput={(event) => setDate(event.currentTarget.value)}
              />
            )}
          </Field>
        ) : (
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
        )}
        <div class="modal-actions">
          <button type="submit" class={kind === "cancel" ? "primary primary-danger" : "primary"}>
            {kind === "defer" ? `Defer ${people}` : "Take them off the list"}
          </button>
          <button type="button" onClick={onClose}>
            Not now
          </button>
        </div>
      </form>
    </Modal>
  );
}
