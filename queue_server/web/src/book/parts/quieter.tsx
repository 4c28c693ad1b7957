import type { Mode, SlotView, Suggestion } from "../../generated/contract";
import { time } from "../../patient/format";
import { t } from "../../patient/known";
import { quieter } from "../model/quieter";
import "../quieter.css";

export interface QuieterProps {
  hours: readonly Suggestion[];
  slots: readonly SlotView[];
  mode: Mode;
}

/** The hours of a day that suit best, and why: a press leads to the first free time of one. */
export function Quieter({ hours, slots, mode }: QuieterProps) {
  const best = quieter(hours, slots, mode);
  if (best.length === 0) return null;
  return (
    <section class="quieter" aria-labelledby="quieter">
      <h3 id="quieter">{t("quiet_heading")}</h3>
      <ul>
        {best.map(({ hour, first }) => (
          <li key={hour.start}>
            <button type="button" onClick={() => focusOn(first)}>
              <b>
                {t("quiet_hour", {
                  from: time(hour.start, first.clinicId),
                  to: time(hour.end, first.clinicId),
                })}
              </b>
              <small>{reasons(hour).join(" · ")}</small>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function reasons({ points }: Suggestion): string[] {
  return points.flatMap(({ code, numbers }) => (code ? [t(`quiet_${code}`, numbers)] : []));
}

function focusOn({ id }: SlotView): void {
  document.querySelector<HTMLElement>(`.time[data-slot="${id}"]`)?.focus();
}
