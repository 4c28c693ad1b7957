import { useRef } from "preact/hooks";
import { day, monthName, weekdays } from "../../patient/format";
import { t } from "../../patient/known";
import {
  FARTHEST_DAYS,
  type FreeDay,
  mondayOf,
  plusDays,
  tint,
  WEEKS,
  weeksFrom,
} from "../model/days";

export interface MonthProps {
  today: string;
  monday: string;
  chosen: string | null;
  days: FreeDay[] | null;
  onChoose: (date: string) => void;
  onMove: (monday: string) => void;
}

/** Five weeks, each day with how much is free: as a number, and as a tint. */
export function Month({ today, monday, chosen, days, onChoose, onMove }: MonthProps) {
  const grid = useRef<HTMLFieldSetElement>(null);
  const free = new Map((days ?? []).map((one) => [one.date, one.free]));
  const uncounted = new Set(days?.filter(({ more }) => more).map(({ date }) => date));
  const most = Math.max(0, ...free.values());
  const dates = weeksFrom(monday);
  const reached = chosen && dates.includes(chosen) ? chosen : (dates.find((d) => d >= today) ?? "");

  function step(event: KeyboardEvent, date: string): void {
    const rtl = document.dir === "rtl" ? -1 : 1;
    const by = { ArrowLeft: -rtl, ArrowRight: rtl, ArrowUp: -7, ArrowDown: 7 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = plusDays(date, by);
    grid.current?.querySelector<HTMLElement>(`[data-date="${next}"]:not(:disabled)`)?.focus();
  }

  return (
    <section aria-labelledby="choose-day">
      <div class="month-head">
        <h2 id="choose-day">{t("choose_day")}</h2>
        <p class="soft">{monthNames(dates)}</p>
      </div>
      <div class="month-names" aria-hidden="true">
        {weekdays().map((name, n) => (
          <span key={n}>{name}</span>
        ))}
      </div>
      <fieldset class="month" ref={grid} aria-labelledby="choose-day" aria-busy={!days}>
        {dates.map((date) => {
          const n = free.get(date) ?? 0;
          const said = uncounted.has(date) ? `${n}+` : n;
          const label = t(n ? "day_free" : "day_none", { day: day(date), n: said });
          return (
            <button
              key={date}
              type="button"
              data-date={date}
              class={`day tint-${tint(n, most)}`}
              disabled={date < today}
              aria-pressed={date === chosen}
              tabIndex={date === reached ? 0 : -1}
              onClick={() => onChoose(date)}
              onKeyDown={(event) => step(event, date)}
            >
              <b aria-hidden="true">{Number(date.slice(8))}</b>
              <small aria-hidden="true">{date < today || !days ? "\u00a0" : said || "–"}</small>
              <span class="sr-only">{label}</span>
            </button>
          );
        })}
      </fieldset>
      <div class="month-move">
        <button
          type="button"
          disabled={monday <= mondayOf(today)}
          onClick={() => onMove(plusDays(monday, -7 * WEEKS))}
        >
          {t("earlier")}
        </button>
        <button
          type="button"
          disabled={plusDays(monday, 7 * WEEKS) > plusDays(today, FARTHEST_DAYS)}
          onClick={() => onMove(plusDays(monday, 7 * WEEKS))}
        >
          {t("later")}
        </button>
      </div>
    </section>
  );
}

function monthNames(dates: string[]): string {
  const [first, last] = [monthName(dates[0] ?? ""), monthName(dates.at(-1) ?? "")];
  return first === last ? first : `${first} – ${last}`;
}
