import type { Mode, SlotView, Suggestion } from "../../generated/contract";
import { time } from "../../patient/format";
import { t } from "../../patient/known";
import { type Quiet, quieter } from "../model/quieter";
import "../quieter.css";

export interface QuieterProps {
  hours: readonly Suggestion[];
  slots: readonly SlotView[];
  mode: Mode;
}

/** The hours of a day that suit best, and why: a press leads to the first free time of one. */
export function Quieter({ hours, slots, mode }: QuieterProps) {
  const groups = byReasons(quieter(hours, slots, mode));
  if (groups.length === 0) return null;
  return (
    <section class="quieter" aria-labelledby="quieter">
      <h3 id="quieter">{t("quiet_heading")}</h3>
      <ul>
        {groups.map(([why, some], n) => (
          <li key={why}>
            <p class="small" id={`quieter-${n}`}>
              {why}
            </p>
            <div class="quiet-hours">
              {some.map(({ hour, first }) => (
                <button
                  key={hour.start}
                  type="button"
                  aria-describedby={`quieter-${n}`}
                  onClick={() => focusOn(first)}
                >
                  {t("quiet_hour", {
                    from: time(hour.start, first.clinicId),
                    to: time(hour.end, first.clinicId),
                  })}
                </button>
              ))}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What speaks for several hours is said once. */
function byReasons(best: readonly Quiet[]): [string, Quiet[]][] {
  const groups = new Map<string, Quiet[]>();
  for (const one of best) {
    const why = reasons(one.hour).join(" · ");
    groups.set(why, [...(groups.get(why) ?? []), one]);
  }
  return [...groups];
}

function reasons({ points }: Suggestion): string[] {
  return points.flatMap(({ code, numbers }) => (code ? [t(`quiet_${code}`, numbers)] : []));
}

function focusOn({ id }: SlotView): void {
  document.querySelector<HTMLElement>(`.time[data-slot="${id}"]`)?.focus();
}
