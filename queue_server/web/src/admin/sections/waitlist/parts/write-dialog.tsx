import type { ManualView, StaffEntryView } from "../../../../generated/contract";
import { counted } from "../../../../schedule/model/preview-words";
import { Modal } from "../../../../shared/modal";
import { useDraft } from "../../../../staff/draft";
import { DraftForm } from "../../../../staff/draft-form";
import { AreaField } from "../../../../staff/fields";
import { post } from "../../../../staff/rest";
import { tellDone } from "../../../../staff/toasts";

/** The server takes so many at once. */
const MOST = 100;
const LONGEST = 1000;

interface WriteDialogProps {
  entries: readonly StaffEntryView[];
  onClose: () => void;
}

/** What staff write themselves to people who wait; it is kept who wrote to whom. */
export function WriteDialog({ entries, onClose }: WriteDialogProps) {
  const draft = useDraft("write", () => ({ message: "" }));
  const people = counted(new Set(entries.map(({ patientId }) => patientId)).size, "patient");
  const send = async ({ message }: { message: string }, key: string): Promise<void> => {
    const body = { waitlistIds: entries.map(({ id }) => id), message: message.trim() };
    const { recipients } = await post<ManualView>("/api/messages", body, { key });
    tellDone(`Written to ${counted(recipients, "patient")}. The log shows what becomes of it.`);
  };
  return (
    <Modal title={`Write to ${people}`} wide onClose={onClose}>
      <p class="hint">
        Once to each, through the channels and at the hours that they want. Who wrote to whom is
        kept in the audit.
      </p>
      {entries.length > MOST ? (
        <p class="failure" role="alert">
          Choose {MOST} at most: {entries.length} are chosen.
        </p>
      ) : (
        <DraftForm
          draft={draft}
          isNew
          label="Message"
          save={`Send to ${people}`}
          saving="Sending…"
          onSave={send}
          onDone={onClose}
          onCancel={onClose}
        >
          <AreaField
            draft={draft}
            name="message"
            label="Message"
            hint="It stands below the clinic's name and greets each by theirs."
            rows={5}
            maxLength={LONGEST}
          />
        </DraftForm>
      )}
    </Modal>
  );
}
