import { useEffect } from "preact/hooks";
import type { ClinicDetail } from "../../../generated/contract";
import { isAdmin } from "../../../staff/account";
import { ask } from "../../../staff/ask";
import { refreshClinics } from "../../../staff/directory";
import { useDraft } from "../../../staff/draft";
import { DraftForm } from "../../../staff/draft-form";
import { CheckField } from "../../../staff/fields";
import { useResource } from "../../../staff/resource";
import { get, put, remove } from "../../../staff/rest";
import { Failure, Loading } from "../../../staff/states";
import { attempt, tellDone } from "../../../staff/toasts";
import { Page } from "../../parts/page";
import { address, goTo } from "../../state/address";
import { CLINIC_WORDS, clinicBody, clinicDraftOf, clinicFaults } from "./model/clinic";
import { CapFields, HolidayFields, IdentityFields } from "./parts/clinic-fields";
import { DaysCard } from "./parts/days-card";
import { PolicyCard } from "./parts/policy-card";

/** One clinic: what it is, how many it takes, how its queues work, and when it is closed. */
export function ClinicPage({ id }: { id: string }) {
  const path = `/api/clinics/${id}`;
  const found = useResource(path, () => get<ClinicDetail>(path));
  const above = { label: "Clinics", href: address("clinics") };
  const clinic = found.value;
  if (clinic === null)
    return (
      <Page title="Clinic" above={above}>
        {found.failure ? (
          <Failure what="the clinic" error={found.failure} retry={() => void found.reload()} />
        ) : (
          <Loading what="the clinic" />
        )}
      </Page>
    );
  return (
    <Page
      title={clinic.name}
      above={above}
      lead={
        <span class="chips">
          {clinic.timezone}
          {!clinic.active && <span class="chip chip-warn">Closed</span>}
        </span>
      }
      actions={isAdmin.value && <RemoveButton clinic={clinic} />}
    >
      <div class="columns">
        <div class="column">
          <DetailsCard clinic={clinic} take={found.take} />
          <DaysCard clinic={clinic} />
        </div>
        {isAdmin.value && <PolicyCard clinic={clinic} reload={found.reload} />}
      </div>
    </Page>
  );
}

interface DetailsProps {
  clinic: ClinicDetail;
  take: (now: ClinicDetail) => void;
}

function DetailsCard({ clinic, take }: DetailsProps) {
  const path = `/api/clinics/${clinic.id}`;
  const draft = useDraft(clinic.id, () => clinicDraftOf(clinic));
  useEffect(() => draft.rebase(clinicDraftOf(clinic)), [clinic]);
  const submit: typeof draft.submit = async (work) => {
    const faults = clinicFaults(draft.value.value);
    if (faults.length > 0) {
      draft.complain(faults);
      return false;
    }
    const isOtherClock = draft.value.value.timezone !== draft.started.value.timezone;
    return isOtherClock && !(await isSure()) ? false : draft.submit(work);
  };
  return (
    <section class="card">
      <h2>Details and caps</h2>
      <DraftForm
        draft={{ ...draft, submit }}
        label="Details and caps"
        save="Save clinic"
        words={CLINIC_WORDS}
        readOnly={!isAdmin.value}
        readNow={async () => clinicDraftOf(await get<ClinicDetail>(path))}
        onSave={async (value, key) => {
          const body = { ...clinicBody(value), active: value.active };
          const saved = await put<ClinicDetail>(path, body, { key, version: value.version });
          draft.reset(clinicDraftOf(saved));
          take(saved);
          tellDone(`${saved.name} is saved.`);
          await refreshClinics().catch(() => undefined);
        }}
      >
        <IdentityFields draft={draft} />
        <CapFields draft={draft} />
        <HolidayFields draft={draft} />
        <CheckField
          draft={draft}
          name="active"
          label="Open"
          detail="A closed clinic takes no bookings, and its doctors are not bookable there."
        />
      </DraftForm>
    </section>
  );
}

function isSure(): Promise<boolean> {
  return ask({
    title: "Change the clinic's clock?",
    text:
      "Weekly schedules keep their wall times, so free slots are made anew. " +
      "Appointments that are booked keep their instant and may show another time.",
    yes: "Change the time zone",
    no: "Keep it",
    danger: true,
  });
}

function RemoveButton({ clinic }: { clinic: ClinicDetail }) {
  const { id, name, version } = clinic;
  const drop = async (): Promise<void> => {
    const sure = await ask({
      title: `Remove ${name} for good?`,
      text: "Only a clinic that nothing refers to can be removed. To keep its history, close it.",
      yes: "Remove",
      no: "Keep",
      danger: true,
    });
    if (!sure) return;
    if (!(await attempt(() => remove(`/api/clinics/${id}`, { version }), `${name} was removed.`)))
      return;
    await refreshClinics().catch(() => undefined);
    goTo("clinics");
  };
  return (
    <button type="button" class="danger" onClick={() => void drop()}>
      Remove…
    </button>
  );
}
