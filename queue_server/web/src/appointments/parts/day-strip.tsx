import { heat } from "../../schedule/model/calendar";
import { addDays, shortDate } from "../../schedule/model/wall-time";
import type { Place } from "../state/place";
import { DAYS, useStrip } from "../state/times";
import { useRoving } from "./roving";

interface DayStripProps {
  place: Place;
  today: string;
  first: string;
  onFirst: (date: string) => void;
  onDay: (date: string) => void;
}

/** Two weeks of days with how much is free on each: number and tint. */
export function DayStrip({ place, today, first, onFirst, onDay }: DayStripProps) {
  const strip = useStrip(place, first);
  const box = useRoving<HTMLDivElement>();
  const dates = Array.from({ length: DAYS }, (_, day) => addDays(first, day));
  const earlier = addDays(first, -DAYS);
  const most = Math.max(1, ...(strip.value?.values() ?? []));
  return (
    <div class="days-frame">
      <button
        type="button"
        class="square"
        aria-label="Two weeks earlier"
        disabled={first <= today}
        onClick={() => onFirst(earlier < today ? today : earlier)}
      >
        <span aria-hidden="true">‹</span>
      </button>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a grid that scrolls */}
      <div ref={box} class="days" role="group" aria-label="Day">
        {dates.map((date) => {
          const free = strip.value?.get(date);
          const words = free === undefined ? "" : free > 0 ? `${free} free` : "none";
          const [weekday, ...day] = shortDate(date).split(" ");
          return (
            <button
              key={date}
              type="button"
              class={`day day-${free === undefined ? 0 : heat({ total: most, free })}`}
              aria-pressed={date === place.date}
              onClick={() => onDay(date)}
            >
              <span>{date === today ? "Today" : weekday}</span>
              <strong>{day.join(" ")}</strong>
              <span class="day-free">{words || "…"}</span>
            </button>
          );
        })}
      </div>
      <button
        type="button"
        class="square"
        aria-label="Two weeks later"
        onClick={() => onFirst(addDays(first, DAYS))}
      >
        <span aria-hidden="true">›</span>
      </button>
    </div>
  );
}
