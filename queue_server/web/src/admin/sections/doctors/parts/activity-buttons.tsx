import { useState } from "preact/hooks";
import type { DoctorDetail } from "../../../../generated/contract";
import { Modal } from "../../../../shared/modal";
import { useDraft } from "../../../../staff/draft";
import { DraftForm } from "../../../../staff/draft-form";
import { TextField } from "../../../../staff/fields";
import { post } from "../../../../staff/rest";
import { attempt, tellDone } from "../../../../staff/toasts";

interface ActivityProps {
  doctor: DoctorDetail;
  reload: () => Promise<void>;
}

/** Takes a doctor out of work, and brings one back. Who is new is activated by onboarding. */
export function ActivityButtons({ doctor, reload }: ActivityProps) {
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const { id, name, status, version } = doctor;
  const activate = async (): Promise<void> => {
    setBusy(true);
    const path = `/api/doctors/${id}/activate`;
    const done = `${name} works here again.`;
    if (!(await attempt(() => post(path, {}, { version }).then(reload), done))) await reload();
    setBusy(false);
  };
  if (status === "inactive")
    return (
      <button type="button" class="primary" disabled={isBusy} onClick={() => void activate()}>
        Activate
      </button>
    );
  return (
    <>
      <button type="button" class="danger" onClick={() => setAsking(true)}>
        Deactivate…
      </button>
      {isAsking && <Deactivation doctor={doctor} reload={reload} close={() => setAsking(false)} />}
    </>
  );
}

function Deactivation({ doctor, reload, close }: ActivityProps & { close: () => void }) {
  const { id, name, version } = doctor;
  const draft = useDraft(id, () => ({ reason: "" }));
  return (
    <Modal title={`Deactivate ${name}?`} onClose={close}>
      <p>
        Nobody can book {name} any more, and search does not show them. Appointments that are booked
        stay until reception moves them. You can activate the doctor again.
      </p>
      <DraftForm
        draft={draft}
        isNew
        save="Deactivate"
        saving="Deactivating…"
        onCancel={close}
        onSave={async ({ reason }, key) => {
          const body = reason.trim() ? { reason: reason.trim() } : {};
          await post(`/api/doctors/${id}/deactivate`, body, { key, version });
          await reload();
          tellDone(`${name} is not bookable any more.`);
          close();
        }}
      >
        <TextField draft={draft} name="reason" label="Reason" maxLength={500} optional autofocus />
      </DraftForm>
    </Modal>
  );
}
