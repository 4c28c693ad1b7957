import type { ClinicDetail } from "../../../generated/contract";
import { fullDate, isDate } from "../../../schedule/model/wall-time";
import { WeekNav } from "../../../schedule/parts/week-nav";
import type { ClinicCalendar, DoctorCalendar, Slot } from "../../../schedule/wire";
import { localDate } from "../../../shared/dates";
import { useResource } from "../../../staff/resource";
import { get } from "../../../staff/rest";
import { Empty, Loaded } from "../../../staff/states";
import { filterBy, goTo } from "../../state/address";
import { type DayOfDoctor, SlotsGrid } from "./slots-grid";

/** More columns than this can hardly be read side by side. */
const MOST = 10;

interface ViewProps {
  clinic: ClinicDetail;
  query: URLSearchParams;
}

/** All doctors of a clinic on one day, side by side. */
export function DayView({ clinic, query }: ViewProps) {
  const today = localDate(clinic.timezone);
  const asked = query.get("date");
  const date = isDate(asked) ? asked : today;
  const day = useResource(`day-${clinic.id}-${date}`, () => dayOf(clinic.id, date));
  return (
    <>
      <div class="calendar-bar">
        <h2 class="editor-week">{fullDate(date)}</h2>
        <WeekNav date={date} today={today} days={1} onDate={(next) => filterBy({ date: next })} />
      </div>
      <Loaded of={day} what="the day">
        {({ columns, left }) =>
          columns.length === 0 ? (
            <Empty title="Nobody has hours on this day">
              <p>Doctors appear here once they have weekly hours at this clinic.</p>
            </Empty>
          ) : (
            <>
              {left > 0 && (
                <p class="hint">
                  {left} more doctors have no room here; their weeks show them one by one.
                </p>
              )}
              <SlotsGrid
                label={`Doctors on ${fullDate(date)}`}
                columns={columns.map((one) => ({ ...one, isToday: false }))}
                onChanged={() => void day.reload()}
              />
            </>
          )
        }
      </Loaded>
    </>
  );
}

async function dayOf(clinicId: string, date: string) {
  const range = `from=${date}&to=${date}`;
  const overview = await get<ClinicCalendar>(`/api/calendar?clinicId=${clinicId}&${range}`);
  // Those who work come first; a day that is closed altogether is explained as well.
  const doctors = [...overview.doctors].sort((one, other) => busy(other) - busy(one));
  const shown = doctors.slice(0, MOST);
  const columns = await Promise.all(
    shown.map(async ({ doctorId, doctorName }): Promise<DayOfDoctor[]> => {
      const [calendar, slots] = await Promise.all([
        get<DoctorCalendar>(`/api/doctors/${doctorId}/calendar?${range}`),
        get<Slot[]>(`/api/doctors/${doctorId}/slots?${range}`),
      ]);
      const day = calendar.days.find((one) => one.clinicId === clinicId && one.date === date);
      if (!day) return [];
      const head = (
        <button
          type="button"
          class="date-button"
          onClick={() => goTo("calendar/week", { doctor: doctorId, date })}
        >
          {doctorName}
        </button>
      );
      const here = slots.filter((one) => one.clinicId === clinicId);
      return [{ id: doctorId, label: doctorName, head, day, slots: here, isToday: false }];
    }),
  );
  return { columns: columns.flat(), left: doctors.length - shown.length };
}

function busy({ days }: ClinicCalendar["doctors"][number]): number {
  return days.reduce((sum, one) => sum + one.openMinutes + one.slots.total, 0);
}
