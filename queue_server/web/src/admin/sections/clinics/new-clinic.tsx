import type { ClinicDetail } from "../../../generated/contract";
import { refreshClinics } from "../../../staff/directory";
import { useDraft } from "../../../staff/draft";
import { DraftForm } from "../../../staff/draft-form";
import { post } from "../../../staff/rest";
import { tellDone } from "../../../staff/toasts";
import { Page } from "../../parts/page";
import { address, goTo } from "../../state/address";
import { clinicBody, clinicDraftOf, clinicFaults } from "./model/clinic";
import { CapFields, HolidayFields, IdentityFields } from "./parts/clinic-fields";

/** A clinic to be added. */
export function NewClinic() {
  const draft = useDraft("new", () =>
    clinicDraftOf(null, Intl.DateTimeFormat().resolvedOptions().timeZone),
  );
  const submit: typeof draft.submit = async (work) => {
    const faults = clinicFaults(draft.value.value);
    if (faults.length === 0) return draft.submit(work);
    draft.complain(faults);
    return false;
  };
  return (
    <Page title="New clinic" above={{ label: "Clinics", href: address("clinics") }}>
      <section class="card narrow">
        <DraftForm
          draft={{ ...draft, submit }}
          isNew
          label="New clinic"
          save="Add clinic"
          saving="Adding…"
          onCancel={() => goTo("clinics")}
          onSave={async (value, key) => {
            const made = await post<ClinicDetail>("/api/clinics", clinicBody(value), { key });
            tellDone(`${made.name} was added.`);
            await refreshClinics().catch(() => undefined);
            goTo(`clinics/${made.id}`);
          }}
        >
          <IdentityFields draft={draft} />
          <CapFields draft={draft} />
          <HolidayFields draft={draft} />
        </DraftForm>
      </section>
    </Page>
  );
}
