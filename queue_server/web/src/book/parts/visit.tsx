import { moment, money } from "../../patient/format";
import { clinicOf, t } from "../../patient/known";
import { details } from "../state/booking";
import { comes, followUp, followUpWords } from "../state/comes";
import type { Held } from "../state/hold";
import { due } from "../state/payment";

export interface VisitProps {
  mine: Held;
  /** Whether it says who comes and what for, where that is not being asked. */
  saysWho?: boolean;
}

/** What is held: with whom, when, where, and what it costs. */
export function Visit({ mine, saysWho }: VisitProps) {
  const name = mine.asGuest ? details.value.name.trim() : comes.value?.name;
  const { slot, doctor, mode, anyone } = mine;
  const clinic = clinicOf(slot.clinicId);
  return (
    <section class="card visit" aria-label={t("your_visit")}>
      <h2 dir="auto">{anyone ? t("any_is", { doctor: doctor.name }) : doctor.name}</h2>
      {anyone && doctor.specialtyLabel && (
        <p class="soft" dir="auto">
          {doctor.specialtyLabel}
        </p>
      )}
      <p class="visit-time">{moment(slot.start, slot.clinicId)}</p>
      <p class="soft" dir="auto">
        {mode === "tele" ? t("tele") : [clinic?.name, clinic?.address].filter(Boolean).join(", ")}
      </p>
      {saysWho && name && <p class="visit-who">{t("comes", { name })}</p>}
      {saysWho && followUp.value && <p class="soft">{followUpWords(followUp.value)}</p>}
      {due.value !== null && doctor.fees && (
        <p class="soft">
          {t("fee")}: {money(due.value, doctor.fees.currency)}
        </p>
      )}
    </section>
  );
}
