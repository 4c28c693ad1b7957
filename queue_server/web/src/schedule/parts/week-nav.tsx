import { addDays, dayMonth, mondayOf } from "../model/wall-time";

interface WeekNavProps {
  /** Any date of the week, or the day, that is shown. */
  date: string;
  today: string;
  days?: 1 | 7 | 14;
  onDate: (date: string) => void;
}

/** Back, forward, today and any other date. */
export function WeekNav({ date, today, days = 7, onDate }: WeekNavProps) {
  const unit = days === 1 ? "day" : days === 7 ? "week" : "two weeks";
  return (
    <div class="week-nav">
      <button
        type="button"
        class="square"
        aria-label={`Previous ${unit}`}
        onClick={() => onDate(addDays(date, -days))}
      >
        <span aria-hidden="true">‹</span>
      </button>
      <button type="button" onClick={() => onDate(today)}>
        Today
      </button>
      <button
        type="button"
        class="square"
        aria-label={`Next ${unit}`}
        onClick={() => onDate(addDays(date, days))}
      >
        <span aria-hidden="true">›</span>
      </button>
      <label class="week-nav-date">
        <span class="sr-only">Go to date</span>
        <input
          type="date"
          value={date}
          onChange={(event) => event.currentTarget.value && onDate(event.currentTarget.value)}
        />
      </label>
    </div>
  );
}

/** "23 Nov – 29 Nov" of a date's week. */
export function weekName(date: string): string {
  const monday = mondayOf(date);
  return `${dayMonth(monday)} – ${dayMonth(addDays(monday, 6))}`;
}
