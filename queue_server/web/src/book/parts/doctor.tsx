import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { DoctorDetail, Mode } from "../../generated/contract";
import { look, trouble } from "../../patient/api";
import { Failure } from "../../patient/failure";
import { languageName, money } from "../../patient/format";
import { clinicOf, known, link, t } from "../../patient/known";
import { follow, route } from "../../shared/route";
import { asking, held, take } from "../state/hold";
import { OfferCard } from "./offer";
import { Times } from "./times";
import { offeringOf } from "./use-times";

/** A doctor, and when they can be seen. */
export function DoctorPage({ id }: { id: string }) {
  const doctor = useSignal<DoctorDetail | null>(known.doctor?.id === id ? known.doctor : null);
  const failure = useSignal("");
  function read(): void {
    failure.value = "";
    look<DoctorDetail>(`/api/doctors/${id}`).then(
      ({ data }) => (doctor.value = data),
      (error) => (failure.value = trouble(error)),
    );
  }
  useEffect(() => {
    if (doctor.value?.id === id) return;
    doctor.value = null;
    read();
  }, [id]);
  const shown = doctor.value;
  useEffect(() => {
    if (shown) document.title = `${shown.name}, ${shown.specialtyLabel} · ${known.store.name}`;
  }, [shown]);
  if (failure.value) return <Failure text={failure.value} onRetry={read} />;
  if (!shown) return <p class="starting">{t("loading")}</p>;
  const { query } = route.value;
  return (
    <>
      <p>
        <a class="button quiet" href={link("/book")} onClick={follow}>
          {t("search_heading")}
        </a>
      </p>
      <Profile doctor={shown} />
      <OfferCard />
      {shown.acceptsOnlineBookings ? (
        <Times
          of={offeringOf(shown)}
          day={query.get("day") ?? undefined}
          mode={(query.get("mode") as Mode | null) ?? undefined}
          mine={() => asking.value ?? held.value?.slot.id}
          onTake={(slot, mode) => void take(slot, mode, shown)}
        />
      ) : (
        <p class="note">{t("takes_none")}</p>
      )}
    </>
  );
}

function Profile({ doctor }: { doctor: DoctorDetail }) {
  const { fees } = doctor;
  return (
    <article class="card doctor">
      <h1 dir="auto">{doctor.name}</h1>
      <p class="specialty" dir="auto">
        {doctor.specialtyLabel}
      </p>
      {doctor.bio && <p dir="auto">{doctor.bio}</p>}
      <dl class="facts">
        {doctor.qualifications.length > 0 && (
          <div>
            <dt>{t("qualifications")}</dt>
            {doctor.qualifications.map((one) => (
              <dd key={one.id} dir="auto">
                {[one.title, one.institution].filter(Boolean).join(", ")}
                {one.year && ` (${one.year})`}
              </dd>
            ))}
          </div>
        )}
        {doctor.clinicIds.map(clinicOf).map(
          (clinic) =>
            clinic && (
              <div key={clinic.id}>
                <dt>{t("where")}</dt>
                <dd dir="auto">{[clinic.name, clinic.address].filter(Boolean).join(", ")}</dd>
              </div>
            ),
        )}
        {doctor.languages.length > 0 && (
          <div>
            <dt>{t("spoken")}</dt>
            <dd>{doctor.languages.map(languageName).join(", ")}</dd>
          </div>
        )}
        {fees && (
          <div>
            <dt>{t("fee")}</dt>
            <dd>{money(fees.consultation, fees.currency)}</dd>
          </div>
        )}
      </dl>
    </article>
  );
}
