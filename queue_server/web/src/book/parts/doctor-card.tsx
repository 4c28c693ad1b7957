import { moment, money } from "../../patient/format";
import { clinicOf, link, t } from "../../patient/known";
import { follow } from "../../shared/route";
import type { Result } from "../model/results";
import { wayOf } from "../model/slots";
import { asking, take } from "../state/hold";
import { filters, isLooking } from "../state/search";

/** A doctor with the next free times; one tap on a time holds it. */
export function DoctorCard({ doctor, times, isKnown }: Result) {
  const places = doctor.clinicIds.map((id) => clinicOf(id)?.name).filter(Boolean);
  const day = times[0]?.date;
  const mode = filters.value.mode;
  const page = link(`/book/doctors/${doctor.id}`, {
    ...(day && { day }),
    ...(mode && { mode }),
  });
  return (
    <li class="card doctor-card">
      <h3>
        <a href={link(`/book/doctors/${doctor.id}`)} onClick={follow} dir="auto">
          {doctor.name}
        </a>
      </h3>
      <p class="soft" dir="auto">
        {[doctor.specialtyLabel, ...places].join(" · ")}
        {doctor.fees && ` · ${money(doctor.fees.consultation, doctor.fees.currency)}`}
      </p>
      {times.length > 0 ? (
        <ul class="next-times" aria-label={t("next_free")}>
          {times.map((slot) => (
            <li key={slot.id}>
              <button
                type="button"
                class={asking.value === slot.id ? "time time-mine" : "time"}
                disabled={asking.value !== null}
                onClick={() => void take(slot, wayOf(slot, mode), doctor)}
              >
                {moment(slot.start, slot.clinicId)}
              </button>
            </li>
          ))}
        </ul>
      ) : (
        isKnown && !isLooking.value && <p class="soft">{t("no_free")}</p>
      )}
      <a class="button quiet all-times" href={page} onClick={follow}>
        {t("all_times", { doctor: doctor.name })}
      </a>
    </li>
  );
}
