import { useState } from "preact/hooks";
import {
  bandsOver,
  baseBands,
  LAYERS,
  type Layer,
  visibleHours,
} from "../../schedule/model/layers";
import { fullDate, isDate, shortDate, weekOf } from "../../schedule/model/wall-time";
import { BandView } from "../../schedule/parts/band";
import { type Column, HoursGrid } from "../../schedule/parts/hours-grid";
import { Legend } from "../../schedule/parts/legend";
import { WeekNav, weekName } from "../../schedule/parts/week-nav";
import { zoneOf } from "../../schedule/state/zones";
import type { DoctorCalendar, Schedule } from "../../schedule/wire";
import { localDate } from "../../shared/dates";
import { replaceAddress, route } from "../../shared/route";
import { clinicName } from "../../staff/directory";
import { useResource } from "../../staff/resource";
import { get } from "../../staff/rest";
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
      get<Schedule[]>(`/api/doctors/${doctorId}/schedules`),
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
            <Week dates={dates} today={today} schedules={schedules} calendar={calendar} />
          )
        }
      </Loaded>
    </div>
  );
}

interface WeekProps {
  dates: readonly string[];
  today: string;
  schedules: readonly Schedule[];
  calendar: DoctorCalendar;
}

function Week({ dates, today, schedules, calendar }: WeekProps) {
  const clinicIds = [...new Set(schedules.map((one) => one.clinicId))];
  const [chosen, choose] = useState(clinicIds[0] ?? "");
  const [shown, setShown] = useState<ReadonlySet<Layer>>(new Set(LAYERS.map((one) => one.layer)));
  const clinicId = clinicIds.includes(chosen) ? chosen : (clinicIds[0] ?? "");
  const sources = { dates, clinicId, zone: zoneOf(clinicId), schedules, calendar, clinicName };
  const bands = [...baseBands(sources), ...bandsOver(sources)].filter((one) =>
    shown.has(one.layer),
  );
  const hours = visibleHours(bands);
  const columns = dates.map(
    (date): Column => ({
      id: date,
      label: fullDate(date),
      isToday: date === today,
      head: (
        <span>
          {shortDate(date)}
          {date === today && <span class="today-word"> today</span>}
        </span>
      ),
      body: bands
        .filter((one) => one.date === date)
        .map((band) => <BandView key={band.id} band={band} hours={hours} />),
    }),
  );
  return (
    <>
      {clinicIds.length > 1 && (
        <label class="filter">
          <span class="small-label">Clinic</span>
          <select value={clinicId} onChange={(event) => choose(event.currentTarget.value)}>
            {clinicIds.map((id) => (
              <option key={id} value={id} selected={id === clinicId}>
                {clinicName(id)}
              </option>
            ))}
          </select>
        </label>
      )}
      <Legend
        shown={shown}
        onToggle={(layer) => {
          const next = new Set(shown);
          if (!next.delete(layer)) next.add(layer);
          setShown(next);
        }}
      />
      <HoursGrid label="Your week" hours={hours} columns={columns} />
    </>
  );
}
