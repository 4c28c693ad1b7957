import type { ClinicDetail, DoctorDetail } from "../../../generated/contract";
import { fullDate, isDate, shortDate, weekOf } from "../../../schedule/model/wall-time";
import { WeekNav, weekName } from "../../../schedule/parts/week-nav";
import type { DoctorCalendar, Slot } from "../../../schedule/wire";
import { localDate } from "../../../shared/dates";
import { follow } from "../../../shared/route";
import { AsOf } from "../../../staff/as-of";
import { useResource } from "../../../staff/resource";
import { all, get } from "../../../staff/rest";
import { Empty, Loaded, Loading } from "../../../staff/states";
import { address, filterBy } from "../../state/address";
import { type DayOfDoctor, SlotsGrid } from "./slots-grid";

interface ViewProps {
  clinic: ClinicDetail;
  query: URLSearchParams;
}

/** One doctor's week at a clinic. */
export function WeekView({ clinic, query }: ViewProps) {
  const path = `/api/doctors?limit=200&clinicId=${clinic.id}`;
  const doctors = useResource(path, () => all<DoctorDetail>(path));
  const today = localDate(clinic.timezone);
  const asked = query.get("date");
  const date = isDate(asked) ? asked : today;
  const found = doctors.value ?? [];
  const doctor = found.find((one) => one.id === query.get("doctor")) ?? found[0];
  if (doctors.value === null && !doctors.failure) return <Loading what="the doctors" />;
  return (
    <>
      <div class="calendar-bar">
        <h2 class="editor-week">{weekName(date)}</h2>
        {doctor && (
          <label class="filter filter-inline">
            <span class="sr-only">Doctor</span>
            <select
              value={doctor.id}
              onChange={(event) => filterBy({ doctor: event.currentTarget.value })}
            >
              {found.map((one) => (
                <option key={one.id} value={one.id} selected={one.id === doctor.id}>
                  {one.name}
                </option>
              ))}
            </select>
          </label>
        )}
        <WeekNav date={date} today={today} onDate={(next) => filterBy({ date: next })} />
        {doctor && (
          <a
            class="button"
            href={address(`doctors/${doctor.id}/schedule`, { week: date })}
            onClick={follow}
          >
            Weekly hours
          </a>
        )}
      </div>
      {doctor ? (
        <Week clinic={clinic} doctor={doctor} date={date} today={today} />
      ) : (
        <Empty title="No doctor works here yet">
          <p>Assign a doctor to this clinic first.</p>
        </Empty>
      )}
    </>
  );
}

interface WeekProps {
  clinic: ClinicDetail;
  doctor: DoctorDetail;
  date: string;
  today: string;
}

function Week({ clinic, doctor, date, today }: WeekProps) {
  const dates = weekOf(date);
  const range = `from=${dates[0]}&to=${dates[6]}`;
  const week = useResource(`week-${doctor.id}-${clinic.id}-${range}`, async () => {
    const [calendar, slots] = await Promise.all([
      get<DoctorCalendar>(`/api/doctors/${doctor.id}/calendar?${range}`),
      all<Slot>(`/api/doctors/${doctor.id}/slots?${range}`),
    ]);
    return { calendar, slots: slots.filter((one) => one.clinicId === clinic.id) };
  });
  return (
    <>
      <AsOf of={week} />
      <Loaded of={week} what="the week">
        {({ calendar, slots }) =>
          calendar.days.every((one) => one.clinicId !== clinic.id) ? (
            <Empty title={`${doctor.name} has no weekly hours here`}>
              <p>
                <a href={address(`doctors/${doctor.id}/schedule`, { week: date })} onClick={follow}>
                  Paint the weekly hours
                </a>
              </p>
            </Empty>
          ) : (
            <SlotsGrid
              label={`Week of ${doctor.name}`}
              columns={calendar.days
                .filter((one) => one.clinicId === clinic.id)
                .map(
                  (day): DayOfDoctor => ({
                    id: day.date,
                    label: fullDate(day.date),
                    head: (
                      <span class="day-head">
                        {shortDate(day.date)}
                        <span class="day-head-free">
                          {day.slots.total > 0 ? `${day.slots.free} free` : ""}
                        </span>
                      </span>
                    ),
                    day,
                    slots: slots.filter((one) => one.date === day.date),
                    isToday: day.date === today,
                  }),
                )}
              onChanged={() => void week.reload()}
            />
          )
        }
      </Loaded>
    </>
  );
}
