import { useEffect, useState } from "preact/hooks";
import type { StaffEntry, StaffQueue } from "../../generated/contract";
import { Badges } from "../../shared/badge-list";
import { now } from "../../shared/clock";
import { inState, lineOf } from "../../shared/queue";
import { clockTime, instantAt } from "../../shared/time";
import { read } from "../state/api";

interface LookBackProps {
  queue: StaffQueue;
  onClose: () => void;
}

const MINUTE = 60_000;

/** The queue at a past moment of the day, to look at only. */
export function LookBack({ queue, onClose }: LookBackProps) {
  const { doctorId, date } = queue;
  const zone = queue.header.timezone;
  const first = dayBegin(queue);
  const last = now.value;
  const [at, setAt] = useState(() => Math.max(first, last - 15 * MINUTE));
  const [past, setPast] = useState<StaffQueue | null>(null);
  const [failure, setFailure] = useState("");

  useEffect(() => {
    const timer = setTimeout(() => {
      const query = new URLSearchParams({ date, as_of: new Date(at).toISOString() });
      read<StaffQueue>(`/api/appointments/queue/state/${doctorId}?${query}`)
        .then((answer) => {
          setPast(answer);
          setFailure("");
        })
        .catch((error: Error) => setFailure(error.message));
    }, 200);
    return () => clearTimeout(timer);
  }, [doctorId, date, at]);

  const clock = clockTime(at, zone);
  const choose = (instant: number): void => setAt(Math.min(Math.max(instant, first), last));
  return (
    <div class="look-back">
      <p class="look-back-banner">
        <span>
          <strong>{clock}</strong> – a past moment, to look at only.
        </span>
        <button type="button" onClick={onClose}>
          Back to now
        </button>
      </p>
      <div class="look-back-when">
        <label>
          Moment
          <input
            type="range"
            min={first}
            max={last}
            step={MINUTE}
            value={at}
            aria-valuetext={clock}
            onInput={(event) => choose(Number(event.currentTarget.value))}
          />
        </label>
        <label>
          Time
          <input
            type="time"
            value={clock}
            onChange={(event) =>
              event.currentTarget.value && choose(instantAt(date, event.currentTarget.value, zone))
            }
          />
        </label>
      </div>
      {failure && (
        <p role="alert" class="strip-failure">
          {failure} Choose another moment.
        </p>
      )}
      {past && <PastLine queue={past} />}
    </div>
  );
}

function PastLine({ queue }: { queue: StaffQueue }) {
  const inside = inState(queue, "in_consultation");
  const called = inState(queue, "called");
  const line = lineOf(queue);
  const ahead = [inside, called].filter((entry) => entry !== undefined);
  return (
    <ol class="line line-past" aria-label="The line at that moment">
      {[...ahead, ...line].map((entry) => (
        <PastEntry key={entry.id} entry={entry} zone={queue.header.timezone} />
      ))}
      {ahead.length + line.length === 0 && <li class="empty">Nobody was in line then.</li>}
    </ol>
  );
}

function PastEntry({ entry, zone }: { entry: StaffEntry; zone: string }) {
  return (
    <li class={`card card-${entry.state}`}>
      <div class="card-main">
        <span class="past-place">{entry.position || "→"}</span>
        <span class="card-ticket">{entry.ticket}</span>
        <span class="card-who">
          <span class="card-name">{entry.name ?? "Patient"}</span>
          <span class="card-facts">
            <span class="card-time">{clockTime(entry.start, zone)}</span>
            <Badges entry={{ ...entry, graceUntil: null }} />
          </span>
        </span>
      </div>
    </li>
  );
}

/** An hour before the first appointment, or 06:00. */
function dayBegin(queue: StaffQueue): number {
  const starts = queue.entries.map((entry) => Date.parse(entry.start));
  const six = instantAt(queue.date, "06:00", queue.header.timezone);
  return Math.min(six, ...starts.map((start) => start - 60 * MINUTE), now.value - MINUTE);
}
