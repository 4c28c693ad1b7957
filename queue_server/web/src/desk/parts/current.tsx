import type { StaffEntry, StaffQueue } from "../../generated/contract";
import { Badges } from "../../shared/badge-list";
import { now } from "../../shared/clock";
import { inState } from "../../shared/queue";
import { runningTime } from "../../shared/time";
import { markNoShow, run, startConsultation } from "../state/commands";
import { canAct } from "../state/live";
import { Kbd } from "./kbd";

interface CurrentProps {
  queue: StaffQueue;
  selected: boolean;
}

/** Who is with the doctor and who is on the way in. */
export function Current({ queue, selected }: CurrentProps) {
  const inside = inState(queue, "in_consultation");
  const called = inState(queue, "called");
  return (
    <div class="current">
      {inside && <WithDoctor queue={queue} entry={inside} selected={selected} />}
      {called && <Called queue={queue} entry={called} selected={selected} />}
      {!inside && !called && <p class="room-free">{freeText(queue)}</p>}
    </div>
  );
}

function freeText(queue: StaffQueue): string {
  if (queue.header.closed) return "Day closed";
  if (queue.header.paused) return "Paused: nobody is called until you resume";
  return "Room is free";
}

function WithDoctor({ queue, entry, selected }: CurrentProps & { entry: StaffEntry }) {
  const body = { appointmentId: entry.id };
  const over = minutesSince(entry.startedAt) > queue.header.usualMinutes * 1.5;
  return (
    <div class="current-card">
      <div class="current-who">
        <span class="current-state">With the doctor</span>
        <strong class="current-ticket">{entry.ticket}</strong> {entry.name}
      </div>
      <div class="current-side">
        <span class="timer" role="timer" aria-label="Time with the doctor">
          {entry.startedAt ? runningTime(entry.startedAt, now.value) : ""}
        </span>
        <span class="current-usual">
          {over ? "longer than usual" : `usually ${Math.round(queue.header.usualMinutes)} min`}
        </span>
      </div>
      <div class="current-actions">
        <button
          type="button"
          disabled={!canAct.value}
          aria-keyshortcuts={selected ? "F" : undefined}
          onClick={() => void run({ name: "complete", lane: queue.doctorId, body })}
        >
          Finish {selected && <Kbd>F</Kbd>}
        </button>
      </div>
    </div>
  );
}

function Called({ queue, entry, selected }: CurrentProps & { entry: StaffEntry }) {
  const lane = queue.doctorId;
  const body = { appointmentId: entry.id };
  const off = !canAct.value;
  return (
    <div class="current-card current-called">
      <div class="current-who">
        <span class="current-state">
          Called{entry.room ? ` to ${entry.room}` : ""}
          {entry.recalls > 0 && ` · ${entry.recalls + 1} times`}
        </span>
        <strong class="current-ticket">{entry.ticket}</strong> {entry.name}{" "}
        {entry.graceUntil && <Badges entry={{ ...entry, late: false, early: false }} />}
      </div>
      <div class="current-side">
        <span class="timer" role="timer" aria-label="Time since the call">
          {entry.calledAt ? runningTime(entry.calledAt, now.value) : ""}
        </span>
      </div>
      <div class="current-actions">
        <button
          type="button"
          class="solid"
          disabled={off}
          aria-keyshortcuts={selected ? "S" : undefined}
          onClick={() => void startConsultation(queue)}
        >
          Start {selected && <Kbd>S</Kbd>}
        </button>
        <button
          type="button"
          disabled={off}
          aria-keyshortcuts={selected ? "R" : undefined}
          onClick={() => void run({ name: "recall", lane, body })}
        >
          Recall {selected && <Kbd>R</Kbd>}
        </button>
        <button
          type="button"
          disabled={off}
          onClick={() => void markNoShow(lane, entry.id, entry.graceUntil !== null)}
        >
          {entry.graceUntil ? "No-show now" : "No-show"}
        </button>
        <button type="button" disabled={off} onClick={() => void run({ name: "skip", lane, body })}>
          Put back
        </button>
      </div>
    </div>
  );
}

function minutesSince(instant: string | null): number {
  return instant ? (now.value - Date.parse(instant)) / 60_000 : 0;
}
