import { useEffect, useState } from "preact/hooks";
import type { PatientView, StaffEntry, StaffQueue } from "../../generated/contract";
import { counted } from "../../schedule/model/preview-words";
import { addDays, fullDate } from "../../schedule/model/wall-time";
import { zoneOf } from "../../schedule/state/zones";
import { follow, route } from "../../shared/route";
import { clockTime } from "../../shared/time";
import { AsOf } from "../../staff/as-of";
import { clinics } from "../../staff/directory";
import { spelled } from "../../staff/model/names";
import { useResource } from "../../staff/resource";
import { Empty, Loaded } from "../../staff/states";
import type { Visit } from "../state/done";
import { look, type Place, placeOf } from "../state/place";
import { useDoctors } from "../state/times";
import { vacancyAddress } from "../state/vacancy";
import { appointmentsOf, dayOf } from "../state/visits";
import { CancelDialog } from "./cancel-dialog";
import { DoneList, Phone } from "./done-list";
import { MoveDialog } from "./move-dialog";
import { MoveMany } from "./move-many";
import { OfPatient } from "./of-patient";
import { PatientChoice } from "./patient-choice";
import { RowActions } from "./row-actions";

type Open = { kind: "move" | "cancel"; visit: Visit } | { kind: "many"; visits: Visit[] } | null;

/** Who is booked with a doctor on a day: one or several can be given another time, or cancelled. */
export function AppointmentsPage() {
  const place = placeOf(route.value.query);
  const doctors = useDoctors(place.clinicId).value;
  const doctorId = place.doctorId || doctors?.[0]?.id || "";
  const [patient, setPatient] = useState<PatientView | null>(null);
  if (patient)
    return (
      <>
        <header class="page-head">
          <h1>{patient.name}</h1>
          <button type="button" onClick={() => setPatient(null)}>
            <span aria-hidden="true">‹ </span>All appointments of a day
          </button>
        </header>
        <Patient key={patient.id} patient={patient} />
      </>
    );
  return (
    <>
      <header class="page-head">
        <div>
          <h1>Appointments</h1>
          <p class="hint">Give patients another time or doctor, or cancel what is booked.</p>
        </div>
        <PatientChoice label="Find a patient" onChosen={setPatient} />
      </header>
      <Filters place={{ ...place, doctorId }} doctors={doctors ?? []} />
      {doctors?.length === 0 && (
        <Empty title="No doctor works at this clinic yet">
          <p>An administrator adds doctors and their hours; then appointments appear here.</p>
        </Empty>
      )}
      {doctorId && <Day key={`${doctorId} ${place.date}`} doctorId={doctorId} date={place.date} />}
    </>
  );
}

interface FiltersProps {
  place: Place;
  doctors: readonly { id: string; name: string }[];
}

function Filters({ place, doctors }: FiltersProps) {
  const known = clinics.value ?? [];
  return (
    <div class="filters appointment-filters">
      {known.length > 1 && (
        <label>
          <span class="filter-label">Clinic</span>
          <select
            value={place.clinicId}
            onChange={(event) => look({ clinicId: event.currentTarget.value, doctorId: "" })}
          >
            {known.map(({ id, name }) => (
              <option key={id} value={id} selected={id === place.clinicId}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <label class="filter-wide">
        <span class="filter-label">Doctor</span>
        <select
          value={place.doctorId}
          onChange={(event) => look({ doctorId: event.currentTarget.value })}
        >
          {doctors.map(({ id, name }) => (
            <option key={id} value={id} selected={id === place.doctorId}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="filter-label">Day</span>
        <input
          type="date"
          value={place.date}
          onChange={(event) =>
            event.currentTarget.value && look({ date: event.currentTarget.value })
          }
        />
      </label>
      <div class="day-steps">
        <button type="button" onClick={() => look({ date: addDays(place.date, -1) })}>
          <span aria-hidden="true">‹ </span>Day before
        </button>
        <button type="button" onClick={() => look({ date: addDays(place.date, 1) })}>
          Day after<span aria-hidden="true"> ›</span>
        </button>
      </div>
    </div>
  );
}

function Patient({ patient }: { patient: PatientView }) {
  const read = useResource(patient.id, () => appointmentsOf(patient.id));
  const [open, setOpen] = useState<Open>(null);
  const again = (): void => void read.reload();
  return (
    <>
      <DoneList onBack={again} onAgain={(visit) => setOpen({ kind: "move", visit })} />
      <OfPatient patient={patient} read={read} onOpen={(kind, visit) => setOpen({ kind, visit })} />
      <Dialogs open={open} onDone={again} onClose={() => setOpen(null)} />
    </>
  );
}

interface DialogsProps {
  open: Open;
  onDone: () => void;
  onClose: () => void;
}

function Dialogs({ open, onDone, onClose }: DialogsProps) {
  switch (open?.kind) {
    case "move":
      return <MoveDialog visit={open.visit} onMoved={onDone} onClose={onClose} />;
    case "cancel":
      return <CancelDialog visit={open.visit} onCancelled={onDone} onClose={onClose} />;
    case "many":
      return <MoveMany visits={open.visits} onMoved={onDone} onClose={onClose} />;
    default:
      return null;
  }
}

function Day({ doctorId, date }: { doctorId: string; date: string }) {
  const read = useResource(`${doctorId} ${date}`, () => dayOf(doctorId, date));
  const [open, setOpen] = useState<Open>(null);
  const again = (): void => void read.reload();
  return (
    <>
      <DoneList onBack={again} onAgain={(visit) => setOpen({ kind: "move", visit })} />
      <AsOf of={read} />
      <Loaded of={read} what="the appointments">
        {(queue) =>
          queue.entries.length === 0 ? (
            <Empty title={`Nobody is booked on ${fullDate(date)}`}>
              <p>
                Choose another day or doctor, or{" "}
                <a
                  href={`/desk/book?doctor=${doctorId}&date=${date}&clinic=${queue.header.clinicId}`}
                >
                  book somebody
                </a>
                .
              </p>
            </Empty>
          ) : (
            <Entries queue={queue} onOpen={setOpen} />
          )
        }
      </Loaded>
      <Dialogs open={open} onDone={again} onClose={() => setOpen(null)} />
    </>
  );
}

interface EntriesProps {
  queue: StaffQueue;
  onOpen: (open: Open) => void;
}

function Entries({ queue, onOpen }: EntriesProps) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const entries = [...queue.entries].sort((one, other) => one.start.localeCompare(other.start));
  const movable = entries.filter(isMovable);
  const visits = movable.filter(({ id }) => chosen.has(id)).map((one) => visitOf(one, queue));
  useEffect(() => {
    // Who has been moved or called meanwhile is chosen no more.
    const still = movable.filter(({ id }) => chosen.has(id)).map(({ id }) => id);
    if (still.length < chosen.size) setChosen(new Set(still));
  }, [queue]);
  const toggle = (id: string, isOn: boolean): void => {
    const next = new Set(chosen);
    if (isOn) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  const isAll = movable.length > 0 && movable.every(({ id }) => chosen.has(id));
  return (
    <>
      <div class="selection" role="toolbar" aria-label="Selected patients">
        <label class="check">
          <input
            type="checkbox"
            checked={isAll}
            disabled={movable.length === 0}
            onChange={() => setChosen(new Set(isAll ? [] : movable.map(({ id }) => id)))}
          />
          All {movable.length}
        </label>
        <button
          type="button"
          class="primary"
          disabled={visits.length === 0}
          onClick={() => onOpen({ kind: "many", visits })}
        >
          {visits.length === 0 ? "Move selected" : `Move ${counted(visits.length, "patient")}`}
        </button>
      </div>
      <div class="table-frame">
        <table class="table stacked">
          <thead>
            <tr>
              <th scope="col">
                <span class="sr-only">Select</span>
              </th>
              <th scope="col">Time</th>
              <th scope="col">Patient</th>
              <th scope="col">Visit</th>
              <th scope="col">State</th>
              <th scope="col">
                <span class="sr-only">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <Row
                key={entry.id}
                entry={entry}
                isChosen={chosen.has(entry.id)}
                onToggle={(isOn) => toggle(entry.id, isOn)}
                onOpen={(kind) => onOpen({ kind, visit: visitOf(entry, queue) })}
              />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

interface RowProps {
  entry: StaffEntry;
  isChosen: boolean;
  onToggle: (isOn: boolean) => void;
  onOpen: (kind: "move" | "cancel") => void;
}

function Row({ entry, isChosen, onToggle, onOpen }: RowProps) {
  const name = entry.name || "Patient";
  const canMove = isMovable(entry);
  return (
    <tr class={canMove ? undefined : "is-over"}>
      <td>
        {canMove && (
          <label class="check check-bare">
            <input
              type="checkbox"
              aria-label={`Select ${name}`}
              checked={isChosen}
              onChange={(event) => onToggle(event.currentTarget.checked)}
            />
          </label>
        )}
      </td>
      <td class="strong">{clockTime(entry.start, zoneOf(entry.clinicId))}</td>
      <th scope="row">
        <span class="strong">{name}</span> <span class="chip">{entry.ticket}</span>
        {entry.phone && <Phone phone={entry.phone} />}
      </th>
      <td>
        {spelled(entry.visitType)}
        {entry.mode === "tele" && ", by video"}
      </td>
      <td>{spelled(entry.state)}</td>
      <td class="end">
        <RowActions canMove={canMove} canCancel={canMove} what={name} onOpen={onOpen} />
        {entry.state === "cancelled" && !entry.walkIn && (
          <a class="button" href={vacancyAddress(entry.id, entry.clinicId)} onClick={follow}>
            Who waits?<span class="sr-only"> For the time of {name}</span>
          </a>
        )}
      </td>
    </tr>
  );
}

function isMovable({ state }: StaffEntry): boolean {
  return state === "expected" || state === "waiting";
}

function visitOf(entry: StaffEntry, queue: StaffQueue): Visit {
  return {
    appointmentId: entry.id,
    name: entry.name || "Patient",
    phone: entry.phone,
    start: entry.start,
    doctorId: queue.doctorId,
    doctorName: queue.header.doctor.name,
    clinicId: entry.clinicId,
    mode: entry.mode,
  };
}
