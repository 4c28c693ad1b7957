import { moment } from "../../patient/format";
import { clinicOf, known, link, t } from "../../patient/known";
import { follow } from "../../shared/route";
import { type Anyone, queryOfAnyone } from "../model/anyone";
import { asking, saysWhere, take } from "../state/hold";
import { isLooking, soonest } from "../state/search";

/** Whoever is free first, where the search leaves several of whom anybody would do. */
export function AnyCard() {
  const found = soonest.value;
  if (!found) return null;
  const { anyone, times, mode } = found;
  const day = times[0]?.date;
  const page = link("/book/any", { ...queryOfAnyone(anyone), mode, ...(day && { day }) });
  return (
    <section class="card any-card" aria-labelledby="any-doctor">
      <h3 id="any-doctor">{t("any_heading")}</h3>
      <p class="soft any-what" dir="auto">
        {ofWhat(anyone)}
      </p>
      <p>{t("any_more")}</p>
      {times.length > 0 ? (
        <ul class="next-times" aria-label={t("next_free")}>
          {times.map((slot) => (
            <li key={slot.id}>
              <button
                type="button"
                class={asking.value === slot.id ? "time time-mine" : "time"}
                disabled={asking.value !== null}
                onClick={() => void take(slot, mode, anyone)}
              >
                <b>{moment(slot.start, slot.clinicId)}</b>
                {saysWhere(anyone, mode) && (
                  <small dir="auto">{clinicOf(slot.clinicId)?.name}</small>
                )}
              </button>
            </li>
          ))}
        </ul>
      ) : (
        !isLooking.value && <p class="soft">{t("no_free")}</p>
      )}
      <a class="button quiet all-times" href={page} onClick={follow}>
        {t("other_time")}
      </a>
    </section>
  );
}

/** The specialty and the clinic that anybody would do of. */
export function ofWhat({ specialty, clinicId }: Anyone): string {
  const label = known.store.specialties.find(({ code }) => code === specialty)?.label;
  return [label, clinicOf(clinicId)?.name].filter(Boolean).join(" · ");
}
