import { moment, money } from "../../patient/format";
import { clinicOf, t } from "../../patient/known";
import type { Held } from "../state/hold";
import { due } from "../state/payment";

/** What is held: with whom, when, where, and what it costs. */
export function Visit({ mine }: { mine: Held }) {
  const { slot, doctor, mode, anyone } = mine;
  const clinic = clinicOf(slot.clinicId);
  return (
    <section class="card visit" aria-label={t("your_visit")}>
      {anyone && <p class="well">{t("any_is", { doctor: doctor.name })}</p>}
      <h2 dir="auto">{doctor.name}</h2>
      {anyone && doctor.specialtyLabel && (
        <p class="soft" dir="auto">
          {doctor.specialtyLabel}
        </p>
      )}
      <p class="visit-time">{moment(slot.start, slot.clinicId)}</p>
      <p class="soft" dir="auto">
        {mode === "tele" ? t("tele") : [clinic?.name, clinic?.address].filter(Boolean).join(", ")}
      </p>
      {due.value !== null && doctor.fees && (
        <p class="soft">
          {t("fee")}: {money(due.value, doctor.fees.currency)}
        </p>
      )}
    </section>
  );
}
