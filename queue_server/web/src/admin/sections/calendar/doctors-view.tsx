import type { ClinicDetail } from "../../../generated/contract";
import { dayExplanation, dayWords, heat } from "../../../schedule/model/calendar";
import { addDays, dayMonth, isDate, shortDate } from "../../../schedule/model/wall-time";
import { Explained } from "../../../schedule/parts/explained";
import { WeekNav } from "../../../schedule/parts/week-nav";
import type { ClinicCalendar, DoctorDay } from "../../../schedule/wire";
import { localDate } from "../../../shared/dates";
import { AsOf } from "../../../staff/as-of";
import { useResource } from "../../../staff/resource";
import { get } from "../../../staff/rest";
import { Empty, Loaded } from "../../../staff/states";
import { filterBy, goTo } from "../../state/address";

const DAYS = 14;

interface ViewProps {
  clinic: ClinicDetail;
  query: URLSearchParams;
}

/** Free slots of all doctors for two weeks: number and tint; a day opens. */
export function DoctorsView({ clinic, query }: ViewProps) {
  const today = localDate(clinic.timezone);
  const asked = query.get("date");
  const first = isDate(asked) ? asked : today;
  const last = addDays(first, DAYS - 1);
  const path = `/api/calendar?clinicId=${clinic.id}&from=${first}&to=${last}`;
  const calendar = useResource(path, () => get<ClinicCalendar>(path));
  const dates = Array.from({ length: DAYS }, (_, day) => addDays(first, day));
  return (
    <>
      <div class="calendar-bar">
        <h2 class="editor-week">
          {dayMonth(first)} – {dayMonth(last)}
        </h2>
        <WeekNav date={first} today={today} days={14} onDate={(date) => filterBy({ date })} />
      </div>
      <AsOf of={calendar} />
      <Loaded of={calendar} what="the calendar">
        {({ doctors, timezone }) =>
          doctors.length === 0 ? (
            <Empty title="No doctor works here yet">
              <p>Assign a doctor to this clinic, and give them weekly hours.</p>
            </Empty>
          ) : (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keyboard too
            <section class="table-frame heat-frame" tabIndex={0} aria-label="Free slots by day">
              <table class="heat">
                <thead>
                  <tr>
                    <th scope="col">Doctor</th>
                    {dates.map((date) => (
                      <th key={date} scope="col" class={date === today ? "is-today" : undefined}>
                        {shortDate(date)}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {doctors.map((doctor) => (
                    <tr key={doctor.doctorId}>
                      <th scope="row">
                        <button
                          type="button"
                          class="heat-name"
                          onClick={() =>
                            goTo("calendar/week", { doctor: doctor.doctorId, date: first })
                          }
                        >
                          {doctor.doctorName}
                        </button>
                      </th>
                      {dates.map((date) => (
                        <td key={date}>
                          <Cell
                            date={date}
                            day={doctor.days.find((one) => one.date === date)}
                            zone={timezone}
                          />
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          )
        }
      </Loaded>
    </>
  );
}

interface CellProps {
  date: string;
  day: DoctorDay | undefined;
  zone: string;
}

function Cell({ date, day, zone }: CellProps) {
  return (
    <Explained
      class={`heat-cell heat-${day ? heat(day.slots) : 0}`}
      explanation={day ? dayExplanation(day, zone) : "No weekly hours at this clinic on this day."}
      onClick={() => goTo("calendar/day", { date })}
    >
      {day ? dayWords(day) : "no hours"}
    </Explained>
  );
}
