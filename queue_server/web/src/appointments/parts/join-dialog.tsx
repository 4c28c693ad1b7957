import { useState } from "preact/hooks";
import type { DoctorDetail, StaffEntryView } from "../../generated/contract";
import { zoneOf } from "../../schedule/state/zones";
import { Modal } from "../../shared/modal";
import { todayAt } from "../../staff/directory";
import { useDraft } from "../../staff/draft";
import { DraftForm } from "../../staff/draft-form";
import { AreaField, CheckField, ChecksField, SelectField, TextField } from "../../staff/fields";
import { spelled } from "../../staff/model/names";
import { post } from "../../staff/rest";
import { tellDone } from "../../staff/toasts";
import { ANY_TIME, type WishDraft, wishBody, wishFaults } from "../../waitlist/model/wish";
import { URGENCY_WORDS } from "../../waitlist/model/words";
import { bodyOf, faultsOf, type NewPatient } from "../model/patient";
import { incomplete } from "../model/refusals";
import { PatientCard, type Who } from "./patient-card";

interface JoinDialogProps {
  clinicId: string;
  doctors: readonly DoctorDetail[];
  onJoined: () => void;
  onClose: () => void;
}

const PARTS = ["morning", "afternoon", "evening"].map((value) => ({
  value,
  label: spelled(value),
}));
const VISITS = ["consultation", "follow_up", "procedure", "vaccination", "certificate"].map(
  (value) => ({ value, label: spelled(value) }),
);
const URGENCIES = Object.entries(URGENCY_WORDS).map(([value, label]) => ({ value, label }));
const MODES = [
  { value: "", label: "However it is sooner" },
  { value: "in_person", label: "In person" },
  { value: "tele", label: "By video" },
];

/** Put somebody on the waitlist who asks for it at the desk or on the phone. */
export function JoinDialog({ clinicId, doctors, onJoined, onClose }: JoinDialogProps) {
  const [who, setWho] = useState<Who>(null);
  const draft = useDraft<WishDraft & NewPatient>("join", () => ({
    ...ANY_TIME,
    name: "",
    phone: "",
    email: "",
    language: "en",
  }));
  const join = async (given: WishDraft & NewPatient, key: string): Promise<void> => {
    const nobody = { field: "patient", message: "Choose a patient, or begin a new one." };
    const faults = [
      ...(who === null ? [nobody] : who === "new" ? faultsOf(given) : []),
      ...wishFaults(given, todayAt(clinicId)),
    ];
    if (faults.length > 0) throw incomplete(faults);
    const patient = who !== null && who !== "new" ? { id: who.id } : bodyOf(given);
    const body = { clinicId, patient, ...wishBody(given, zoneOf(clinicId)) };
    const made = await post<StaffEntryView>("/api/waitlists", body, { key });
    tellDone(`${made.patientName} is on the waitlist.`);
  };
  return (
    <Modal title="Add to the waitlist" wide onClose={onClose}>
      <DraftForm
        draft={draft}
        isNew
        label="Add to the waitlist"
        save="Add to the list"
        saving="Adding…"
        onSave={join}
        onDone={() => {
          onJoined();
          onClose();
        }}
        onCancel={onClose}
      >
        <PatientCard who={who} onWho={setWho} draft={draft} />
        <div class="form-row">
          <SelectField
            draft={draft}
            name="doctorId"
            label="Waits for"
            options={[
              { value: "", label: "Any doctor here" },
              ...doctors.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
          <SelectField draft={draft} name="urgency" label="How urgent" options={URGENCIES} />
        </div>
        <div class="form-row">
          <TextField draft={draft} name="from" label="Not before" type="date" optional />
          <TextField
            draft={draft}
            name="until"
            at="requestedWindow.end"
            label="Not after"
            type="date"
            optional
          />
        </div>
        <ChecksField
          draft={draft}
          name="partsOfDay"
          label="Part of the day (none chosen: any)"
          options={PARTS}
        />
        <div class="form-row">
          <SelectField draft={draft} name="visitType" label="Visit" options={VISITS} />
          <SelectField draft={draft} name="mode" label="How" options={MODES} />
        </div>
        <CheckField
          draft={draft}
          name="shortNotice"
          label="Comes at short notice"
          detail="A time that begins soon is booked for them without asking."
        />
        <AreaField draft={draft} name="notes" label="Notes" rows={2} maxLength={2000} optional />
      </DraftForm>
    </Modal>
  );
}
