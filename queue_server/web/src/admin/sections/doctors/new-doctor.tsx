import type { DoctorDetail } from "../../../generated/contract";
import { clinics, departments } from "../../../staff/directory";
import { useDraft } from "../../../staff/draft";
import { DraftForm } from "../../../staff/draft-form";
import { ChecksField, TextField } from "../../../staff/fields";
import { post } from "../../../staff/rest";
import { tellDone } from "../../../staff/toasts";
import { Page } from "../../parts/page";
import { address, clinicFilter, goTo } from "../../state/address";
import { SpecialtiesField } from "./parts/code-fields";

/** What is needed to begin with; the steps of onboarding ask for the rest. */
export function NewDoctor() {
  const draft = useDraft("new", () => ({
    name: "",
    specialtyLabel: "",
    specialties: [] as string[],
    clinicIds: [clinicFilter.value].filter((id) => id !== null),
    departmentIds: [] as string[],
  }));
  const places = (clinics.value ?? []).filter((clinic) => clinic.active);
  return (
    <Page
      title="New doctor"
      above={{ label: "Doctors", href: address("doctors") }}
      lead="A name is enough to begin with. The steps of onboarding ask for everything else."
    >
      <section class="card narrow">
        <DraftForm
          draft={draft}
          isNew
          label="New doctor"
          save="Add and begin onboarding"
          saving="Adding…"
          onCancel={() => goTo("doctors")}
          onSave={async (value, key) => {
            const made = await post<DoctorDetail>("/api/doctors", trimmed(value), { key });
            tellDone(`${made.name} was added.`);
            goTo(`doctors/${made.id}/onboarding`);
          }}
        >
          <TextField
            draft={draft}
            name="name"
            label="Name"
            hint="As patients read it, with the title: Dr Mira Sørensen"
            maxLength={200}
            required
            autofocus
          />
          <TextField
            draft={draft}
            name="specialtyLabel"
            label="Beside the name"
            hint="What patients read, like “Paediatrician”"
            maxLength={200}
            optional
          />
          <SpecialtiesField draft={draft} />
          {places.length > 0 && (
            <ChecksField
              draft={draft}
              name="clinicIds"
              label="Clinics"
              options={places.map(({ id, name }) => ({ value: id, label: name }))}
            />
          )}
          {(departments.value ?? []).length > 0 && (
            <ChecksField
              draft={draft}
              name="departmentIds"
              label="Departments"
              options={(departments.value ?? []).map(({ id, name }) => ({
                value: id,
                label: name,
              }))}
            />
          )}
        </DraftForm>
      </section>
    </Page>
  );
}

function trimmed<T extends { name: string; specialtyLabel: string }>(value: T): T {
  return { ...value, name: value.name.trim(), specialtyLabel: value.specialtyLabel.trim() };
}
