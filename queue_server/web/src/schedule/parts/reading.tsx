import { Empty } from "../../staff/states";
import { weekOf } from "../model/wall-time";
import type { DoctorCalendar, Schedule } from "../wire";
import { ReadWeek } from "./read-week";
import { WeekNav, weekName } from "./week-nav";

interface ReadingProps {
  schedules: readonly Schedule[];
  calendar: DoctorCalendar | null;
  date: string;
  today: string;
  onWeek: (date: string) => void;
}

/** The same week for those who may look at it only. */
export function Reading({ schedules, calendar, date, today, onWeek }: ReadingProps) {
  if (schedules.length === 0 || calendar === null) {
    return (
      <Empty title="No weekly hours yet">
        <p>An administrator enters them; then patients can book.</p>
      </Empty>
    );
  }
  return (
    <div class="schedule-editor">
      <div class="editor-bar">
        <h2 class="editor-week">{weekName(date)}</h2>
        <WeekNav date={date} today={today} onDate={onWeek} />
      </div>
      <ReadWeek
        label="Week"
        dates={weekOf(date)}
        today={today}
        schedules={schedules}
        calendar={calendar}
      />
      <p class="hint">Weekly hours are changed by an administrator.</p>
    </div>
  );
}
