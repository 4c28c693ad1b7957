import { useEffect, useState } from "preact/hooks";
import type { StaffEntry, StaffQueue } from "../../generated/contract";
import { inState, lineOf } from "../../shared/queue";
import { clockTime, longDate } from "../../shared/time";
import { PrintBar } from "../parts/print-bar";
import { useQueue } from "../state/use-queue";

const STATES: Record<StaffEntry["state"], string> = {
  expected: "",
  waiting: "here",
  called: "called",
  in_consultation: "with doctor",
  completed: "finished",
  no_show: "no-show",
  cancelled: "cancelled",
};

/** A doctor's day on paper: the line as it stands, then who is done, with room to write. */
export function DayListPage({ query }: { query: URLSearchParams }) {
  const [queue, failure] = useQueue(query.get("doctorId") ?? "", query.get("date") ?? "");
  const [printedAt] = useState(Date.now);
  useEffect(() => {
    if (queue) document.title = `Day list ${queue.header.doctor.name} ${queue.date}`;
  }, [queue]);
  if (failure) return <PrintBar failure={`No day list: ${failure}`} />;
  if (!queue) return <PrintBar waiting="Loading the day list…" />;
  const { doctor, room, clinicName, timezone } = queue.header;
  return (
    <>
      <PrintBar />
      <main class="sheet">
        <header class="sheet-head">
          <h1>{doctor.name}</h1>
          <p>{[doctor.specialty, room, clinicName].filter(Boolean).join(" · ")}</p>
          <p>
            {longDate(queue.date)} · as of {clockTime(printedAt, timezone)}
            {` · ${queue.entries.length} patients`}
          </p>
        </header>
        <DayTable queue={queue} />
      </main>
    </>
  );
}

function DayTable({ queue }: { queue: StaffQueue }) {
  const zone = queue.header.timezone;
  const rows = inOrder(queue);
  return (
    <table class="sheet-table">
      <caption class="sr-only">Patients of the day, in line order</caption>
      <thead>
        <tr>
          <th scope="col">#</th>
          <th scope="col">Ticket</th>
          <th scope="col">Time</th>
          <th scope="col">Name</th>
          <th scope="col">Phone</th>
          <th scope="col">Visit</th>
          <th scope="col">Triage</th>
          <th scope="col">State</th>
          <th scope="col" class="sheet-notes">
            Notes
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((entry) => (
          <tr key={entry.id} class={entry.position === null ? "sheet-gone" : ""}>
            <td>{entry.position || ""}</td>
            <th scope="row">{entry.ticket}</th>
            <td>{entry.walkIn ? "walk-in" : clockTime(entry.start, zone)}</td>
            <td>{entry.name}</td>
            <td>{entry.phone}</td>
            <td>{entry.visitType.replace("_", " ")}</td>
            <td>{entry.triage}</td>
            <td>{STATES[entry.state]}</td>
            <td />
          </tr>
        ))}
        {rows.length === 0 && (
          <tr>
            <td colSpan={9}>Nobody is booked for this day.</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

function inOrder(queue: StaffQueue): StaffEntry[] {
  const first = [inState(queue, "in_consultation"), inState(queue, "called")];
  const here = [...first.filter((entry) => entry !== undefined), ...lineOf(queue)];
  const rest = queue.entries
    .filter((entry) => entry.position === null)
    .sort((one, other) => one.start.localeCompare(other.start));
  return [...here, ...rest];
}
