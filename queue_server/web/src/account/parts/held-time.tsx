import { left } from "../../book/model/countdown";
import type { Held } from "../../book/state/hold";
import { kept } from "../../book/state/kept";
import { moment } from "../../patient/format";
import { link, t } from "../../patient/known";
import { now } from "../../shared/clock";

const held = kept<Held | null>("hold", null);

/** The way back to a time that is held, for whoever came here in the middle of booking it. */
export function HeldTime() {
  const mine = held.value;
  if (!mine) return null;
  const { text, isOver } = left(mine.expiresAt, now.value);
  if (isOver) return null;
  return (
    <section class="card" aria-label={t("held_for")}>
      <p>
        {t("held_for")} <b role="timer">{text}</b>
      </p>
      <p class="soft">
        <bdi>{mine.doctor.name}</bdi>, {moment(mine.slot.start, mine.slot.clinicId)}
      </p>
      <p class="buttons">
        <a class="button primary" href={link("/book/details")}>
          {t("continue")}
        </a>
      </p>
    </section>
  );
}
