import type { StaffEntry, StaffQueue } from "../../generated/contract";
import { Badges } from "../../shared/badge-list";
import { clockTime } from "../../shared/time";
import { act } from "../state/act";
import { open } from "../state/dialog";
import { canAct } from "../state/live";

const GONE = new Set(["completed", "no_show", "cancelled"]);

/** Who is no longer in line, the latest first; no-shows can still arrive. */
export function Gone({ queue }: { queue: StaffQueue }) {
  const gone = queue.entries
    .filter((entry) => GONE.has(entry.state))
    .sort((one, other) => endOf(other).localeCompare(endOf(one)));
  if (gone.length === 0) return null;
  const missed = gone.filter((entry) => entry.state === "no_show").length;
  return (
    <details class="gone">
      <summary>
        Done today: {gone.length}
        {missed > 0 && `, ${missed} no-show`}
      </summary>
      <ul>
        {gone.map((entry) => (
          <GoneEntry key={entry.id} queue={queue} entry={entry} />
        ))}
      </ul>
    </details>
  );
}

function GoneEntry({ queue, entry }: { queue: StaffQueue; entry: StaffEntry }) {
  const ended = entry.endedAt ? ` at ${clockTime(entry.endedAt, queue.header.timezone)}` : "";
  const still = { ...entry, late: false, early: false, pinned: false, skips: 0, overtakes: {} };
  return (
    <li id={`gone-${entry.id}`} class="gone-entry" tabIndex={-1}>
      <span class="card-ticket">{entry.ticket}</span>
      <span class="card-who">
        <span class="card-name">{entry.name ?? "Patient"}</span>
        <span class="card-facts">
          <Badges entry={still} />
          {ended}
        </span>
      </span>
      {entry.state === "no_show" && !queue.header.closed && (
        <button
          type="button"
          disabled={!canAct.value}
          aria-label={`${entry.ticket} arrived after all`}
          onClick={() => act("arrived", queue, entry)}
        >
          Arrived after all
        </button>
      )}
      <button
        type="button"
        class="quiet"
        onClick={() => open({ kind: "why", lane: queue.doctorId, entry: entry.id })}
      >
        History<span class="sr-only"> of {entry.ticket}</span>
      </button>
    </li>
  );
}

function endOf(entry: StaffEntry): string {
  return entry.endedAt ?? entry.start;
}
