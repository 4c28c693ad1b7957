import type { ComponentType } from "preact";
import type { DoctorDetail } from "../../../generated/contract";
import { isAdmin } from "../../../staff/account";
import { spelled } from "../../../staff/model/names";
import { useResource } from "../../../staff/resource";
import { get } from "../../../staff/rest";
import { Empty, Failure, Loading } from "../../../staff/states";
import { Page } from "../../parts/page";
import { Tabs } from "../../parts/tabs";
import type { DoctorTabProps } from "../../section";
import { ScheduleTab } from "../../sections";
import { address } from "../../state/address";
import { DOCTOR_STATUS, statusTone } from "./model/status";
import { ActivityButtons } from "./parts/activity-buttons";
import { BookabilityTab } from "./tabs/bookability";
import { OnboardingTab } from "./tabs/onboarding";
import { PlacesTab } from "./tabs/places";
import { ProfileTab } from "./tabs/profile";

interface Tab {
  name: string;
  label: string;
  content: ComponentType<DoctorTabProps>;
}

const TABS: readonly Tab[] = [
  { name: "profile", label: "Profile", content: ProfileTab },
  { name: "places", label: "Clinics & fees", content: PlacesTab },
  ...(ScheduleTab ? [{ name: "schedule", label: "Schedule", content: ScheduleTab }] : []),
  { name: "onboarding", label: "Onboarding", content: OnboardingTab },
  { name: "bookability", label: "Bookability", content: BookabilityTab },
];

/** One doctor: who it is, whether they can be booked, and the tabs. */
export function DoctorPage({ id, tab }: { id: string; tab: string }) {
  const found = useResource(`doctor/${id}`, () => get<DoctorDetail>(`/api/doctors/${id}`));
  const above = { label: "Doctors", href: address("doctors") };
  const doctor = found.value;
  if (doctor === null)
    return (
      <Page title="Doctor" above={above}>
        {found.failure ? (
          <Failure what="the doctor" error={found.failure} retry={() => void found.reload()} />
        ) : (
          <Loading what="the doctor" />
        )}
      </Page>
    );
  const shown = TABS.find(({ name }) => name === tab);
  return (
    <Page
      title={doctor.name}
      above={above}
      lead={<Lead doctor={doctor} />}
      actions={isAdmin.value && <ActivityButtons doctor={doctor} reload={found.reload} />}
    >
      <Tabs
        label={`Pages of ${doctor.name}`}
        here={tab}
        tabs={TABS.map(({ name, label }) => ({
          name,
          label,
          href: address(`doctors/${id}/${name}`),
        }))}
      />
      {found.failure && (
        <Failure what="the doctor" error={found.failure} retry={() => void found.reload()} />
      )}
      {shown ? (
        <shown.content key={tab} doctor={doctor} reload={found.reload} />
      ) : (
        <Empty title="There is no such page" />
      )}
    </Page>
  );
}

function Lead({ doctor }: { doctor: DoctorDetail }) {
  const { status, isBookable, score, specialtyLabel, specialties } = doctor;
  return (
    <span class="chips doctor-lead">
      <span>{specialtyLabel || specialties.map(spelled).join(", ") || "No specialty yet"}</span>
      <span class={`chip ${statusTone(status)}`}>{DOCTOR_STATUS[status]}</span>
      <span class={isBookable ? "chip chip-ok" : "chip chip-warn"}>
        {isBookable ? "Bookable" : "Not bookable"}
      </span>
      <span class="chip">Score {score}</span>
    </span>
  );
}
