import { useEffect, useState } from "preact/hooks";
import type { DoctorDetail } from "../../../../generated/contract";
import { isAdmin } from "../../../../staff/account";
import { type Draft, useDraft } from "../../../../staff/draft";
import { DraftForm } from "../../../../staff/draft-form";
import { AreaField, CheckField, ChecksField, TextField } from "../../../../staff/fields";
import { get, put } from "../../../../staff/rest";
import { tellDone } from "../../../../staff/toasts";
import type { DoctorTabProps } from "../../../section";
import { changeOf, draftOf, FIELD_WORDS, faultsOf, type ProfileDraft } from "../model/profile";
import { LanguagesField, SpecialtiesField } from "../parts/code-fields";
import { LicenceFields, Verification } from "../parts/licence-fields";
import { QualificationsField } from "../parts/qualifications-field";

/** Everything patients and colleagues read about a doctor. */
export function ProfileTab({ doctor, reload }: DoctorTabProps) {
  const { id, name } = doctor;
  const [isVerifying, setVerifying] = useState(false);
  const draft = useDraft(id, () => draftOf(doctor));
  // What other tabs changed meanwhile is no conflict with what is typed here.
  useEffect(() => draft.rebase(draftOf(doctor)), [doctor]);
  const path = `/api/doctors/${id}`;
  const save = async (value: ProfileDraft, key: string): Promise<void> => {
    const change = changeOf(value, draft.started.value);
    const saved = await put<DoctorDetail>(path, change, { key, version: value.version });
    draft.reset(draftOf(saved));
    await reload();
    tellDone(`The profile of ${name} is saved.`);
  };
  return (
    <>
      <DraftForm
        draft={withFaults(draft)}
        label="Profile"
        isLong
        save="Save profile"
        words={FIELD_WORDS}
        readOnly={!isAdmin.value}
        readNow={async () => draftOf(await get<DoctorDetail>(path))}
        onSave={save}
      >
        <div class="columns">
          <About draft={draft} />
          <div class="column">
            <QualificationsField draft={draft} />
            {isAdmin.value && (
              <LicenceFields doctor={doctor} draft={draft} onVerify={() => setVerifying(true)} />
            )}
            <Visibility draft={draft} />
          </div>
        </div>
      </DraftForm>
      {isVerifying && (
        <Verification doctor={doctor} reload={reload} close={() => setVerifying(false)} />
      )}
    </>
  );
}

function About({ draft }: { draft: Draft<ProfileDraft> }) {
  return (
    <section class="card">
      <h2>About</h2>
      <TextField draft={draft} name="name" label="Name" maxLength={200} required />
      <TextField
        draft={draft}
        name="specialtyLabel"
        label="Beside the name"
        hint="What patients read, like “Paediatrician”"
        maxLength={200}
        optional
      />
      <AreaField
        draft={draft}
        name="bio"
        label="Description"
        hint="What patients should know before they choose. Needed to be bookable."
        rows={5}
        maxLength={4000}
      />
      <SpecialtiesField draft={draft} />
      <LanguagesField draft={draft} />
      <ChecksField
        draft={draft}
        name="modes"
        label="Sees patients"
        options={[
          { value: "in_person", label: "In person" },
          { value: "tele", label: "By video" },
        ]}
      />
      <div class="form-row">
        <TextField
          draft={draft}
          name="room"
          label="Room"
          hint="Where called patients go, unless a slot has a room of its own"
          maxLength={200}
          optional
        />
        <TextField
          draft={draft}
          name="ticketPrefix"
          label="Ticket letters"
          hint="One to three; left empty, the clinic chooses"
          maxLength={3}
          optional
        />
      </div>
    </section>
  );
}

function Visibility({ draft }: { draft: Draft<ProfileDraft> }) {
  return (
    <section class="card">
      <h2>Who finds and books</h2>
      <div>
        <CheckField
          draft={draft}
          name="publicProfileVisible"
          label="Public profile"
          detail="Search shows the doctor once the score is 60 or more."
        />
        <CheckField
          draft={draft}
          name="acceptsOnlineBookings"
          label="Online bookings"
          detail="Patients book by themselves; without it, reception does."
        />
      </div>
    </section>
  );
}

/** The same draft; what can be seen to be wrong is told before the server is asked. */
function withFaults(draft: Draft<ProfileDraft>): Draft<ProfileDraft> {
  const submit: typeof draft.submit = async (work) => {
    const faults = faultsOf(draft.value.value);
    if (faults.length === 0) return draft.submit(work);
    draft.complain(faults);
    return false;
  };
  return { ...draft, submit };
}
