import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { BookedAppointmentView, PatientDetailsView } from "../../generated/contract";
import { onReturn } from "../../patient/connection";
import { Failure } from "../../patient/failure";
import { link, t } from "../../patient/known";
import { payPage } from "../../patient/payment";
import { useLoaded } from "../../patient/use-loaded";
import { sorted, trackerOf } from "../state/appointments";
import { ofAccount } from "../state/changes";
import { AppointmentCard } from "./appointment-card";

const LOOK_EVERY_MS = 5_000;
const LOOKS = 24;

/** One's own appointments and those of one's family. */
export function Appointments({ me }: { me: PatientDetailsView }) {
  const booked = useLoaded<BookedAppointmentView[]>("/api/me/appointments");
  const family = useLoaded<PatientDetailsView[]>("/api/me/family");
  const said = useSignal("");
  useEffect(() => onReturn(() => void booked.load()), []);
  const isOwed = booked.data.value?.some(({ payment }) => payment && payPage(payment) !== null);
  useEffect(() => (isOwed ? often(() => void booked.load()) : undefined), [isOwed]);
  const names = new Map(family.data.value?.map((one) => [one.id, one.name]));
  const nameOf = (one: BookedAppointmentView) =>
    one.patientId === me.id ? "" : (names.get(one.patientId) ?? "");
  const all = booked.data.value;
  if (!all) {
    if (booked.failure.value) return <Failure text={booked.failure.value} onRetry={booked.load} />;
    return <p class="starting">{t("loading")}</p>;
  }
  const { upcoming, past } = sorted(all);
  const done = (text: string) => {
    said.value = text;
    void booked.load();
  };
  const card = (one: BookedAppointmentView) => (
    <AppointmentCard
      key={one.appointment.id}
      visit={one}
      by={ofAccount(one.appointment.id)}
      tracker={trackerOf(one)}
      who={nameOf(one)}
      onDone={done}
    />
  );
  return (
    <>
      <Failure text={booked.failure.value} onRetry={booked.load} />
      {said.value && (
        <p class="well" role="status">
          {said.value}
        </p>
      )}
      {all.length === 0 && <None />}
      {upcoming.length > 0 && <h2 class="section-head">{t("account_upcoming")}</h2>}
      {upcoming.map(card)}
      {past.length > 0 && <h2 class="section-head">{t("account_past")}</h2>}
      {past.map(card)}
    </>
  );
}

/** What was paid a moment ago the provider may tell a moment later. */
function often(load: () => void): () => void {
  let left = LOOKS;
  const timer = setInterval(() => {
    left -= 1;
    if (left === 0) clearInterval(timer);
    if (!document.hidden) load();
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

function None() {
  return (
    <div class="card empty">
      <p>{t("account_no_appointments")}</p>
      <a class="button primary" href={link("/book")}>
        {t("account_find_doctor")}
      </a>
    </div>
  );
}
