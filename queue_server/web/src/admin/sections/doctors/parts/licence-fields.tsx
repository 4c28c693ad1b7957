import type { DoctorDetail } from "../../../../generated/contract";
import { Modal } from "../../../../shared/modal";
import { type Draft, useDraft } from "../../../../staff/draft";
import { DraftForm } from "../../../../staff/draft-form";
import { CheckField, SelectField, TextField } from "../../../../staff/fields";
import { post } from "../../../../staff/rest";
import { tellDone } from "../../../../staff/toasts";
import type { ProfileDraft } from "../model/profile";

interface LicenceProps {
  doctor: DoctorDetail;
  draft: Draft<ProfileDraft>;
  /** Opens the dialog, which must stand outside of the profile's form. */
  onVerify: () => void;
}

/** The licence to practise and what came out of looking it up; admins only. */
export function LicenceFields({ doctor, draft, onVerify }: LicenceProps) {
  return (
    <section class="card">
      <div class="card-head">
        <h2>Licence</h2>
        <VerificationChip doctor={doctor} />
      </div>
      <p class="hint">Only administrators see this. A new number must be verified anew.</p>
      <div class="form-row">
        <TextField
          draft={draft}
          name="licenceNumber"
          label="Number"
          at="licence.number"
          maxLength={100}
        />
        <TextField
          draft={draft}
          name="licenceUntil"
          label="Valid until"
          at="licence.validUntil"
          type="date"
          optional
        />
      </div>
      <TextField
        draft={draft}
        name="licenceAuthority"
        label="Issued by"
        at="licence.authority"
        maxLength={200}
      />
      {doctor.licence && (
        <div>
          <button
            type="button"
            disabled={draft.isDirty.value}
            title={draft.isDirty.value ? "Save the profile first" : undefined}
            onClick={onVerify}
          >
            Record verification…
          </button>
        </div>
      )}
    </section>
  );
}

/** What is known of the licence. */
export function VerificationChip({ doctor: { licence } }: { doctor: DoctorDetail }) {
  if (!licence) return <span class="chip chip-warn">No licence yet</span>;
  if (licence.verification === "verified") return <span class="chip chip-ok">Verified</span>;
  if (licence.verification === "unverified")
    return <span class="chip chip-warn">Not verified</span>;
  return <span class="chip chip-danger">{licence.critical ? "Failed, critical" : "Failed"}</span>;
}

interface VerificationProps {
  doctor: DoctorDetail;
  reload: () => Promise<void>;
  close: () => void;
}

/** Records what came out of looking the licence up. */
export function Verification({ doctor, reload, close }: VerificationProps) {
  const { id, name, licence, version } = doctor;
  const draft = useDraft(id, () => ({ result: "verified", critical: false, note: "" }));
  const isFailed = draft.value.value.result === "failed";
  return (
    <Modal title={`Licence of ${name}`} onClose={close}>
      <p>
        Look up <strong>{licence?.number}</strong> at {licence?.authority}, then say what came out.
      </p>
      <DraftForm
        draft={draft}
        isNew
        save="Record"
        onCancel={close}
        onSave={async ({ result, critical, note }, key) => {
          const body = {
            result,
            ...(isFailed && { critical }),
            ...(note.trim() && { note: note.trim() }),
          };
          await post(`/api/doctors/${id}/verification`, body, { key, version });
          await reload();
          tellDone(`The verification of ${name} is recorded.`);
          close();
        }}
      >
        <SelectField
          draft={draft}
          name="result"
          label="Result"
          options={[
            { value: "verified", label: "Verified: the licence is good" },
            { value: "failed", label: "Failed: it could not be confirmed" },
          ]}
        />
        {isFailed && (
          <CheckField
            draft={draft}
            name="critical"
            label="Critical"
            detail="The doctor must not work: nobody can book, not even reception."
          />
        )}
        <TextField draft={draft} name="note" label="Note" maxLength={500} optional />
      </DraftForm>
    </Modal>
  );
}
