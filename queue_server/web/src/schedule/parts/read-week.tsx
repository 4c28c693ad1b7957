import { useState } from "preact/hooks";
import { clinicName } from "../../staff/directory";
import { bandsOver, baseBands, LAYERS, type Layer, visibleHours } from "../model/layers";
import { fullDate, shortDate } from "../model/wall-time";
import { zoneOf } from "../state/zones";
import type { DoctorCalendar, Schedule } from "../wire";
import { BandView } from "./band";
import { type Column, HoursGrid } from "./hours-grid";
import { Legend } from "./legend";

interface ReadWeekProps {
  label: string;
  dates: readonly string[];
  today: string;
  schedules: readonly Schedule[];
  calendar: DoctorCalendar;
}

/** A week with all its layers, to be read only. */
export function ReadWeek({ label, dates, today, schedules, calendar }: ReadWeekProps) {
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
      <HoursGrid label={label} hours={hours} columns={columns} />
    </>
  );
}
