import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { localDate } from "../../shared/dates";
import { Refused } from "../../shared/http";
import { holdHere } from "../../shared/route";
import { isStale } from "../../staff/rest";
import { lastChangedBy } from "../model/changed-by";
import { differences, overrideDifferences } from "../model/conflict";
import { bandsOver, inEffect, LAYERS, type Layer, visibleHours } from "../model/layers";
import { weekdayOf, weekOf } from "../model/wall-time";
import {
  add,
  type Cut,
  change,
  cutOf,
  type DraftSitting,
  type Fault,
  faultOf,
  faults as faultsOf,
  freePlace,
  type Place,
  remove,
  USUAL,
  weekFrom,
} from "../model/week";
import {
  bodyOf,
  datesOf,
  type Editing,
  editingOf,
  isUnchanged,
  wrongDates,
} from "../state/editing";
import { usableAt } from "../state/resources";
import { useUndoable } from "../state/use-undoable";
import type { DoctorCalendar, Resources, Schedule } from "../wire";
import { EditorDialogs, type Open } from "./editor-dialogs";
import { EffectiveDates } from "./effective-dates";
import { Legend } from "./legend";
import { PaintGrid } from "./paint-grid";
import { SaveBar } from "./save-bar";
import { focusSitting } from "./sitting-block";
import { WeekForm } from "./week-form";
import { WeekNav, weekName } from "./week-nav";

interface ScheduleEditorProps {
  doctorId: string;
  /** What is edited; null for a new one. */
  schedule: Schedule | null;
  /** What a new one begins with. */
  initial: Editing;
  schedules: readonly Schedule[];
  calendar: DoctorCalendar | null;
  clinics: readonly { id: string; name: string; timezone: string }[];
  resources: Resources;
  date: string;
  onDate: (date: string) => void;
  onSaved: (schedule: Schedule) => void;
  /** Something else of the calendar changed: read it all again. */
  onChanged: () => Promise<void>;
  onCancelNew: () => void;
  /** Read the schedule as it is now. */
  readAgain: (id: string) => Promise<Schedule | null>;
}

/** The week of one schedule: painted in the grid, typed in the form, tried before it is saved. */
export function ScheduleEditor(props: ScheduleEditorProps) {
  const { doctorId, initial, schedules, calendar, clinics, date, onDate } = props;
  // What the editing began from; moves on when somebody else's version is taken over.
  const [before, setBefore] = useState(props.schedule);
  const draft = useUndoable<Editing>(() => initial);
  const editing = draft.value;
  const [selected, select] = useState<number | null>(null);
  const [shown, setShown] = useState<ReadonlySet<Layer>>(new Set(LAYERS.map((one) => one.layer)));
  const [open, setOpen] = useState<Open | null>(null);
  const [refusals, setRefusals] = useState<readonly Fault[]>([]);
  const form = useRef<HTMLDivElement>(null);

  const clinic = clinics.find((one) => one.id === editing.clinicId);
  const zone = clinic?.timezone ?? "UTC";
  const resources = usableAt(props.resources, editing.clinicId);
  const today = localDate(zone);
  const dates = weekOf(date);
  const faults = [...faultsOf(editing.week), ...refusals];
  const isDirty = before === null || !isUnchanged(editing, before);
  const wrong = wrongDates(editing);

  const bands = useMemo(
    () =>
      bandsOver({
        dates,
        clinicId: editing.clinicId,
        zone,
        schedules,
        calendar,
        clinicName: (id) => clinics.find((one) => one.id === id)?.name ?? "another clinic",
      }).filter((one) => shown.has(one.layer)),
    [dates[0], editing.clinicId, zone, schedules, calendar, clinics, shown],
  );
  const hours = visibleHours([...editing.week.filter(isPlaced), ...bands]);
  const changes = useMemo(
    () => (before && !isUnchanged(editing, before) ? differences(before, bodyOf(editing)) : []),
    [before, editing],
  );

  useEffect(() => {
    const isLost = isDirty && (before !== null || editing.week.length > 0);
    if (isLost) return holdHere("The weekly hours are not saved. Leave all the same?");
  }, [isDirty, editing.week.length > 0]);

  // A date or a stretch was changed beside the week: its version moved on, the edited week stays.
  useEffect(() => {
    const fresh = props.schedule;
    if (!fresh || !before || fresh.version === before.version) return;
    if (isDirty && differences(before, fresh).length > 0) return;
    if (!isDirty) draft.reset(editingOf(fresh));
    setBefore(fresh);
  }, [props.schedule]);

  const edit = (to: Partial<Editing>): void => {
    setRefusals([]);
    draft.set({ ...editing, ...to });
  };
  const paint = (place: Place): void => {
    const { week, key } = add(editing.week, place, cutLike(editing.week, selected));
    edit({ week });
    select(key);
    focusSitting(key);
  };
  const move = (key: number, place: Partial<DraftSitting>): void =>
    edit({ week: change(editing.week, key, place) });
  const takeAway = (key: number): void => {
    edit({ week: remove(editing.week, key) });
    select(null);
  };
  const addTyped = (weekday: number): void => {
    const place = freePlace(editing.week, weekday);
    const { week, key } = add(editing.week, place, cutLike(editing.week, selected));
    edit({ week });
    select(key);
    requestAnimationFrame(() => document.getElementById(`from-${key}`)?.focus());
  };
  const toForm = (key: number): void => {
    select(key);
    document.getElementById(`from-${key}`)?.focus();
  };

  const refused = (error: Error): boolean => {
    if (isStale(error) && before) {
      void showStale(before, error);
      return true;
    }
    const told = error instanceof Refused ? error.problem.errors : [];
    const found = told.flatMap(
      (one) => faultOf(editing.week, one.field ?? "", one.message ?? "") ?? [],
    );
    if (found.length === 0) return false;
    setRefusals(found);
    setOpen(null);
    return true;
  };
  const showStale = async (mine: Schedule, error: Error): Promise<void> => {
    const theirs = await props.readAgain(mine.id);
    if (!theirs) return;
    const isOther = differences(mine, theirs).length + overrideDifferences(mine, theirs).length > 0;
    if (!isOther) {
      // Something else of the doctor's calendar moved on: what was read of the week still holds.
      setOpen(null);
      setBefore(theirs);
      requestAnimationFrame(() => setOpen({ kind: "review" }));
      return;
    }
    const changes = error instanceof Refused ? error.problem.changes : undefined;
    setOpen({ kind: "stale", theirs, by: lastChangedBy(changes, zone) });
  };

  const isReplaced = new Set(before?.overrides.map((one) => one.date) ?? []);
  return (
    <div class="schedule-editor">
      <div class="editor-bar">
        <h2 class="editor-week">{weekName(date)}</h2>
        <WeekNav date={date} today={today} onDate={onDate} />
        {before && (
          <button type="button" onClick={() => setOpen({ kind: "close" })}>
            Close a stretch…
          </button>
        )}
      </div>
      <Legend
        keepsBase
        shown={shown}
        onToggle={(layer) => {
          const next = new Set(shown);
          if (!next.delete(layer)) next.add(layer);
          setShown(next);
        }}
      />
      <div class="editor-columns">
        <div class="editor-grid">
          {!dates.some((one) => inEffect(datesOf(editing), one)) && (
            <p class="note" role="status">
              This schedule is not in effect in the week shown.
            </p>
          )}
          <PaintGrid
            dates={dates}
            today={today}
            week={editing.week.filter(isPlaced)}
            bands={bands}
            hours={hours}
            selected={selected}
            wrong={new Set(faults.map((one) => one.key))}
            replaced={isReplaced}
            onSelect={select}
            onOpen={toForm}
            onPaint={paint}
            onMove={move}
            onRemove={takeAway}
            onDate={(day) =>
              before ? setOpen({ kind: "date", date: day }) : addTyped(weekdayOf(day))
            }
            onBand={(band) => {
              if (band.layer === "override") setOpen({ kind: "date", date: band.date });
              else if (calendar?.exceptions.some((one) => one.id === band.source)) {
                setOpen({ kind: "closure", band });
              }
            }}
          />
        </div>
        <div class="editor-form" ref={form}>
          <EffectiveDates
            editing={editing}
            isNew={before === null}
            clinics={clinics}
            onEdit={edit}
          />
          <WeekForm
            week={editing.week}
            faults={faults}
            resources={resources}
            selected={selected}
            onSelect={select}
            onChange={move}
            onRemove={takeAway}
            onAdd={addTyped}
            onWeek={(week) => edit({ week })}
          />
        </div>
      </div>
      <SaveBar
        changes={changes}
        isNew={before === null}
        isDirty={isDirty}
        faults={faults}
        wrong={wrong}
        canUndo={draft.canUndo}
        onUndo={draft.undo}
        onDiscard={() => (before ? draft.reset(editingOf(before)) : props.onCancelNew())}
        onReview={() => setOpen({ kind: "review" })}
        onFault={(fault) => toForm(fault.key)}
      />
      <EditorDialogs
        open={open}
        onOpen={setOpen}
        before={before}
        editing={editing}
        doctorId={doctorId}
        calendar={calendar}
        zone={zone}
        clinicName={clinic?.name ?? "this clinic"}
        resources={resources}
        closeOn={dates.find((one) => one >= today) ?? today}
        onSaved={props.onSaved}
        onChanged={() => {
          setOpen(null);
          void props.onChanged();
        }}
        onRefused={refused}
        onKeepBoth={(theirs, both) => {
          setBefore(theirs);
          draft.set({
            ...editing,
            week: weekFrom(both.sittings),
            effectiveFrom: both.effectiveFrom,
            effectiveUntil: both.effectiveUntil ?? "",
          });
          setOpen({ kind: "review" });
        }}
      />
    </div>
  );
}

function isPlaced({ start, end }: DraftSitting): boolean {
  return end > start;
}

/** A new sitting is cut as the chosen one, else as any: clinics seldom mix lengths. */
function cutLike(week: readonly DraftSitting[], selected: number | null): Cut {
  return cutOf(week.find((one) => one.key === selected) ?? week[0] ?? USUAL);
}
