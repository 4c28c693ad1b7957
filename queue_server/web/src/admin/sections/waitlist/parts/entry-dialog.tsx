import { useState } from "preact/hooks";
import type { StaffEntryView } from "../../../../generated/contract";
import { Modal } from "../../../../shared/modal";
import { clinicName } from "../../../../staff/directory";
import type { Change } from "../../../../waitlist/model/order";
import { type EntryAction, EntryBadges } from "../../../../waitlist/parts/entry-card";
import { Asking } from "../../../../waitlist/parts/waitlist-panel";
import { EntryAudit, WhyRank } from "../../../../waitlist/parts/why-rank";

interface EntryDialogProps {
  entry: StaffEntryView;
  onChange: (change: Change, words: string) => void;
  onClose: () => void;
}

const ACTIONS: readonly [EntryAction, string][] = [
  ["promote", "Promote…"],
  ["invite", "Invite…"],
  ["place", "Place…"],
  ["defer", "Defer…"],
  ["cancel", "Cancel…"],
];

/** One who waits: why there, what was done, and what can be done. */
export function EntryDialog({ entry, onChange, onClose }: EntryDialogProps) {
  const [asking, ask] = useState<EntryAction | null>(null);
  if (asking)
    return (
      <Asking
        action={asking}
        entry={entry}
        doctorId={null}
        onChosen={(change, words) => {
          onChange(change, words);
          onClose();
        }}
        onClose={() => ask(null)}
      />
    );
  return (
    <Modal title={entry.patientName} wide onClose={onClose}>
      <p class="hint">
        {clinicName(entry.clinicId)}
        {entry.position !== null && ` · place ${entry.position}`}
        {entry.patientPhone && ` · ${entry.patientPhone}`}
      </p>
      <EntryBadges entry={entry} />
      {entry.notes && <p class="wait-notes">{entry.notes}</p>}
      <WhyRank entry={entry} />
      <EntryAudit entry={entry} />
      {entry.position !== null && (
        <div class="modal-actions">
          {ACTIONS.filter(([action]) => action !== "invite" || entry.status !== "invited").map(
            ([action, label]) => (
              <button
                key={action}
                type="button"
                class={action === "cancel" ? "danger" : undefined}
                onClick={() => ask(action)}
              >
                {label}
              </button>
            ),
          )}
        </div>
      )}
    </Modal>
  );
}
