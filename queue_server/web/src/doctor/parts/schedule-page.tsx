import { isDate, weekOf } from "../../schedule/model/wall-time";
import { ReadWeek } from "../../schedule/parts/read-week";
import { WeekNav, weekName } from "../../schedule/parts/week-nav";
import { zoneOf } from "../../schedule/state/zones";
import type { DoctorCalendar, Schedule } from "../../schedule/wire";
import { localDate } from "../../shared/dates";
import { replaceAddress, route } from "../../shared/route";
import { useResource } from "../../staff/resource";
import { all, get } from "../../staff/rest";
import { Empty, Loaded } from "../../staff/states";

/** The doctor's own week with all its layers, to be read only. */
export function SchedulePage({ doctorId }: { doctorId: string }) {
  const asked = route.value.query.get("week");
  const today = localDate(zoneOf(null));
  const date = isDate(asked) ? asked : today;
  const dates = weekOf(date);
  const range = `from=${dates[0]}&to=${dates[6]}`;
  const week = useResource(`own-${doctorId}-${range}`, async () => {
    const [schedules, calendar] = await Promise.all([
      all<Schedule>(`/api/doctors/${doctorId}/schedules`),
      get<DoctorCalendar>(`/api/doctors/${doctorId}/calendar?${range}`),
    ]);
    return { schedules, calendar };
  });
  return (
    <div class="own-week">
      <div class="calendar-bar">
        <h1 class="editor-week">{weekName(date)}</h1>
        <WeekNav
          date={date}
          today={today}
          onDate={(next) => replaceAddress(`/doctor/schedule?week=${next}`)}
        />
      </div>
      <Loaded of={week} what="your week">
        {({ schedules, calendar }) =>
          schedules.length === 0 ? (
            <Empty title="You have no weekly hours yet">
              <p>Your administrator enters them; then patients can book.</p>
            </Empty>
          ) : (
            <ReadWeek
              label="Your week"
              dates={dates}
              today={today}
              schedules={schedules}
              calendar={calendar}
            />
          )
        }
      </Loaded>
    </div>
  );
}
