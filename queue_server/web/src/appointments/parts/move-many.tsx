import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { SlotView } from "../../generated/contract";
import { counted } from "../../schedule/model/preview-words";
import { wallClock } from "../../schedule/model/wall-time";
import { when } from "../../schedule/parts/affected";
import { zoneOf } from "../../schedule/state/zones";
import { announce } from "../../shared/announce";
import { Modal } from "../../shared/modal";
import { todayAt } from "../../staff/directory";
import { useResource } from "../../staff/resource";
import { Loaded } from "../../staff/states";
import { tellDone } from "../../staff/toasts";
import { assign, choicesFor } from "../model/plan";
import { refusalWords } from "../model/refusals";
import { notBefore } from "../model/times";
import { move, type Target, type Visit } from "../state/done";
import { timesOf, useDoctors } from "../state/times";

const MOST_CHOICES = 24;
const LINE = "line";

interface MoveManyProps {
  visits: readonly Visit[];
  onMoved: () => void;
  onClose: () => void;
}

/** Several appointments at once to other times: a proposal for each, which can be changed. */
export function MoveMany({ visits, onMoved, onClose }: MoveManyProps) {
  const [first] = visits;
  const [left, setLeft] = useState(visits);
  const [refused, setRefused] = useState<ReadonlyMap<string, string>>(new Map());
  const [doctorId, setDoctorId] = useState("");
  const [date, setDate] = useState(() => startDate(first));
  const [chosen, setChosen] = useState<ReadonlyMap<string, SlotView | typeof LINE>>(new Map());
  const [isBusy, setBusy] = useState(false);
  const [turn, setTurn] = useState(0);
  const clinicId = first?.clinicId ?? "";
  const doctors = useDoctors(clinicId);
  const names = new Map(doctors.value?.map(({ id, name }) => [id, name]));
  const read = useResource(`${clinicId} ${doctorId} ${date} ${turn}`, () =>
    freeTimes(visits, { clinicId, doctorId, date }),
  );
  const proposal = useMemo(() => {
    const fixed = new Map(
      [...chosen].flatMap(([id, to]) => (to === LINE ? [] : [[id, to] as const])),
    );
    const byTime = left.filter(({ appointmentId }) => chosen.get(appointmentId) !== LINE);
    return assign(byTime, read.value ?? [], fixed);
  }, [left, chosen, read.value]);
  const look = (to: { doctorId?: string; date?: string }): void => {
    if (to.doctorId !== undefined) setDoctorId(to.doctorId);
    if (to.date) setDate(to.date);
    setChosen(new Map());
  };
  const targetOf = ({ appointmentId }: Visit): Target | null => {
    if (chosen.get(appointmentId) === LINE && doctorId)
      return { doctorId, doctorName: names.get(doctorId) ?? "the other doctor" };
    const slot = proposal.get(appointmentId);
    return slot ? { slot } : null;
  };
  const ready = left.filter((visit) => targetOf(visit) !== null);
  const close = (): void => {
    if (!isBusy) onClose();
  };
  const go = async (): Promise<void> => {
    setBusy(true);
    const reasons = new Map<string, string>();
    // One after the other: each takes its place in the same doctor's day.
    for (const visit of ready) {
      const target = targetOf(visit);
      if (!target) continue;
      try {
        await move(visit, target);
        setLeft((now) => now.filter((one) => one !== visit));
      } catch (error) {
        reasons.set(visit.appointmentId, refusalWords(error as Error));
      }
    }
    setRefused(reasons);
    setChosen(new Map());
    setBusy(false);
    onMoved();
    const moved = ready.length - reasons.size;
    if (moved > 0) tellDone(`${counted(moved, "patient")} moved.`);
    if (reasons.size === 0 && ready.length === left.length) onClose();
    else {
      announce(`${counted(left.length - moved, "patient")} not moved yet.`);
      setTurn(turn + 1);
    }
  };
  const table = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (refused.size > 0) table.current?.querySelector<HTMLElement>("select")?.focus();
  }, [refused]);
  return (
    <Modal title={`Move ${counted(left.length, "patient")}`} wide onClose={close}>
      <div class="filters">
        <label class="filter-wide">
          <span class="filter-label">To</span>
          <select
            value={doctorId}
            disabled={isBusy}
            onChange={(event) => look({ doctorId: event.currentTarget.value })}
          >
            <option value="">Any other doctor</option>
            {(doctors.value ?? []).map(({ id, name }) => (
              <option key={id} value={id} selected={id === doctorId}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span class="filter-label">Day</span>
          <input
            type="date"
            value={date}
            min={todayAt(clinicId)}
            disabled={isBusy}
            onChange={(event) => look({ date: event.currentTarget.value })}
          />
        </label>
      </div>
      <Loaded of={read} what="the free times">
        {(slots) => (
          <div ref={table} class="move-rows">
            {left.map((visit) => (
              <MoveRow
                key={visit.appointmentId}
                visit={visit}
                slots={slots}
                target={targetOf(visit)}
                // A line is of a day: on another day there is none to be put into.
                line={
                  date === dateOf(visit) && doctorId !== visit.doctorId
                    ? (names.get(doctorId) ?? "")
                    : ""
                }
                reason={refused.get(visit.appointmentId) ?? ""}
                isBusy={isBusy}
                onChoose={(to) => setChosen(new Map(chosen).set(visit.appointmentId, to))}
              />
            ))}
          </div>
        )}
      </Loaded>
      {ready.length < left.length && read.value !== null && (
        <p class="hint">
          For {counted(left.length - ready.length, "patient")} no time is free here. Choose another
          doctor or day for them; the others can be moved now.
        </p>
      )}
      <div class="modal-actions picker-actions">
        <button
          type="button"
          class="primary"
          disabled={isBusy || ready.length === 0}
          onClick={() => void go()}
        >
          {isBusy ? "Moving…" : `Move ${counted(ready.length, "patient")}`}
        </button>
        <button type="button" disabled={isBusy} onClick={close}>
          Cancel
        </button>
      </div>
    </Modal>
  );
}

interface MoveRowProps {
  visit: Visit;
  slots: readonly SlotView[];
  target: Target | null;
  line: string;
  reason: string;
  isBusy: boolean;
  onChoose: (to: SlotView | typeof LINE) => void;
}

function MoveRow({ visit, slots, target, line, reason, isBusy, onChoose }: MoveRowProps) {
  const zone = zoneOf(visit.clinicId);
  const choices = choicesFor(visit, slots, MOST_CHOICES);
  const value = target === null ? "" : "slot" in target ? target.slot.id : LINE;
  const choose = (id: string): void => {
    const slot = choices.find((one) => one.id === id);
    if (id === LINE) onChoose(LINE);
    else if (slot) onChoose(slot);
  };
  return (
    <div class="move-row">
      <p>
        <strong>{visit.name}</strong>
        <span class="sub">
          {when(visit.start, zone)} with {visit.doctorName}
        </span>
      </p>
      <div>
        <select
          aria-label={`New time for ${visit.name}`}
          value={value}
          disabled={isBusy}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          {target === null && <option value="">No time free here</option>}
          {choices.map((slot) => (
            <option key={slot.id} value={slot.id} selected={slot.id === value}>
              {when(slot.start, zone)} with {slot.doctorName}
            </option>
          ))}
          {line && (
            <option value={LINE} selected={value === LINE}>
              Into the line of {line}, without a time
            </option>
          )}
        </select>
        {reason && (
          <p class="field-error" role="alert">
            <span aria-hidden="true">! </span>
            {reason}
          </p>
        )}
      </div>
    </div>
  );
}

/** What is free on that day with the doctor, or with everybody but those who are being left. */
async function freeTimes(
  visits: readonly Visit[],
  at: { clinicId: string; doctorId: string; date: string },
): Promise<SlotView[]> {
  const leaving = new Set(visits.map(({ doctorId }) => doctorId));
  const modes = [...new Set(visits.map(({ mode }) => mode))];
  const found = (await Promise.all(modes.map((mode) => timesOf({ ...at, mode })))).flat();
  const once = [...new Map(found.map((slot) => [slot.id, slot])).values()];
  return at.doctorId ? once : once.filter(({ doctorId }) => !leaving.has(doctorId));
}

function dateOf({ start, clinicId }: Visit): string {
  return wallClock(start, zoneOf(clinicId)).date;
}

function startDate(visit: Visit | undefined): string {
  return visit ? notBefore(dateOf(visit), todayAt(visit.clinicId)) : "";
}
