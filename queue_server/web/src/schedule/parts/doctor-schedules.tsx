import { useState } from "preact/hooks";
import { localDate } from "../../shared/dates";
import { isAdmin } from "../../staff/account";
import { clinics as directory } from "../../staff/directory";
import { useResource } from "../../staff/resource";
import { all, get } from "../../staff/rest";
import { Empty, Loaded } from "../../staff/states";
import { tellDone } from "../../staff/toasts";
import { inEffect } from "../model/layers";
import { dayMonth, isDate, weekOf } from "../model/wall-time";
import { type Editing, editingOf } from "../state/editing";
import { useResources } from "../state/resources";
import type { DoctorCalendar, Schedule } from "../wire";
import { EndSchedule } from "./end-schedule";
import { Reading } from "./reading";

import { ScheduleEditor } from "./schedule-editor";

interface DoctorSchedulesProps {
  doctorId: string;
  /** The clinics where the doctor works; those of the whole tenant when there are none yet. */
  clinicIds: readonly string[];
  /** The week that the address names. */
  week: string | null;
  onWeek: (date: string) => void;
  /** Something was saved that the doctor's page may show elsewhere. */
  onSaved: () => void;
}

const NEW = "new";

/** A doctor's weekly schedules: which one is edited, and a new one. */
export function DoctorSchedules(props: DoctorSchedulesProps) {
  const { doctorId, clinicIds, onSaved } = props;
  const schedules = useResource(`schedules-${doctorId}`, () =>
    all<Schedule>(`/api/doctors/${doctorId}/schedules`),
  );
  const resources = useResources();
  const [chosen, choose] = useState<string | null>(null);
  // Begins the editor anew with what was saved.
  const [saves, countSave] = useState(0);
  const known = directory.value ?? [];
  const clinics = known.filter((one) => clinicIds.includes(one.id));
  const places = clinics.length > 0 ? clinics : known;
  const today = localDate(places[0]?.timezone ?? "UTC");
  const date = isDate(props.week) ? props.week : today;
  const [first, last] = [weekOf(date)[0], weekOf(date)[6]];
  const calendar = useResource(`calendar-${doctorId}-${first}`, () =>
    get<DoctorCalendar>(`/api/doctors/${doctorId}/calendar?from=${first}&to=${last}`),
  );
  const [kept, keep] = useState<DoctorCalendar | null>(null);
  if (calendar.value && calendar.value !== kept) keep(calendar.value);

  const reload = async (): Promise<void> => {
    await Promise.all([schedules.reload(), calendar.reload()]);
    onSaved();
  };
  return (
    <Loaded of={schedules} what="the schedules">
      {(found) => {
        const standing = found.filter((one) => !one.ended);
        const current =
          chosen === NEW
            ? null
            : (standing.find((one) => one.id === chosen) ??
              standing.find((one) => inEffect(one, date)) ??
              standing[0] ??
              null);
        if (!isAdmin.value) {
          return (
            <Reading
              schedules={standing}
              calendar={calendar.value ?? kept}
              date={date}
              today={today}
              onWeek={props.onWeek}
            />
          );
        }
        const isNew = chosen === NEW || current === null;
        if (isNew && chosen !== NEW) {
          return (
            <Empty title="No weekly hours yet">
              <p>Without them nobody can book. Paint the hours of a usual week.</p>
              <button
                type="button"
                class="primary"
                disabled={places.length === 0}
                onClick={() => choose(NEW)}
              >
                Start a weekly schedule
              </button>
            </Empty>
          );
        }
        return (
          <>
            <Switcher
              schedules={standing}
              current={current}
              clinics={known}
              onChoose={choose}
              onEnded={async () => {
                choose(null);
                tellDone("The schedule ends.");
                await reload();
              }}
            />
            <ScheduleEditor
              key={`${current?.id ?? NEW} ${saves}`}
              doctorId={doctorId}
              schedule={current}
              initial={current ? editingOf(current) : empty(places[0]?.id ?? "", today)}
              schedules={standing}
              calendar={calendar.value ?? kept}
              clinics={current ? known : places}
              resources={resources}
              date={date}
              onDate={props.onWeek}
              onSaved={(saved) => {
                schedules.take([...found.filter((one) => one.id !== saved.id), saved]);
                countSave(saves + 1);
                choose(saved.id);
                tellDone("The weekly hours are saved.");
                void reload();
              }}
              onChanged={async () => {
                tellDone("Saved.");
                await reload();
              }}
              onCancelNew={() => choose(null)}
              readAgain={async (id) => {
                const fresh = await all<Schedule>(`/api/doctors/${doctorId}/schedules`);
                return fresh.find((one) => one.id === id) ?? null;
              }}
            />
          </>
        );
      }}
    </Loaded>
  );
}

interface SwitcherProps {
  schedules: readonly Schedule[];
  current: Schedule | null;
  clinics: readonly { id: string; name: string; timezone: string }[];
  onChoose: (id: string) => void;
  onEnded: () => Promise<void>;
}

function Switcher({ schedules, current, clinics, onChoose, onEnded }: SwitcherProps) {
  const [isEnding, end] = useState(false);
  const clinic = (id: string) => clinics.find((one) => one.id === id);
  const zone = clinic(current?.clinicId ?? "")?.timezone ?? "UTC";
  return (
    <div class="switcher">
      <label class="switcher-choice">
        <span class="small-label">Schedule</span>
        <select
          value={current?.id ?? NEW}
          onChange={(event) => onChoose(event.currentTarget.value)}
        >
          {schedules.map((one) => (
            <option key={one.id} value={one.id} selected={one.id === current?.id}>
              {clinic(one.clinicId)?.name ?? "Another clinic"}, {datesOf(one)}
            </option>
          ))}
          {current === null && (
            <option value={NEW} selected>
              New schedule
            </option>
          )}
        </select>
      </label>
      {current && (
        <>
          <button type="button" onClick={() => onChoose(NEW)}>
            New schedule
          </button>
          <button type="button" class="quiet" onClick={() => end(true)}>
            End it…
          </button>
        </>
      )}
      {isEnding && current && (
        <EndSchedule
          schedule={current}
          zone={zone}
          onEnded={() => {
            end(false);
            void onEnded();
          }}
          onClose={() => end(false)}
        />
      )}
    </div>
  );
}

function datesOf({ effectiveFrom, effectiveUntil }: Schedule): string {
  const from = `from ${dayMonth(effectiveFrom)} ${effectiveFrom.slice(0, 4)}`;
  return effectiveUntil
    ? `${from} to ${dayMonth(effectiveUntil)} ${effectiveUntil.slice(0, 4)}`
    : from;
}

function empty(clinicId: string, today: string): Editing {
  return { week: [], effectiveFrom: today, effectiveUntil: "", clinicId };
}
