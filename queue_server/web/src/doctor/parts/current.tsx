import type { StaffEntry, StaffQueue } from "../../generated/contract";
import { Badges } from "../../shared/badge-list";
import { now } from "../../shared/clock";
import { inState } from "../../shared/queue";
import { runningTime } from "../../shared/time";
import { progressOf } from "../model/progress";
import {
  callNext,
  finish,
  finishAndCall,
  finishAndStart,
  isBusy,
  pauseOrResume,
  putBack,
  recall,
  start,
} from "../state/commands";
import { isLive } from "../state/live";
import { Ring } from "./ring";

/** Who is here now, large, and what comes next. */
export function Current({ queue }: { queue: StaffQueue }) {
  const inside = inState(queue, "in_consultation");
  const called = inState(queue, "called");
  return (
    <section class="now" aria-label="Now">
      {inside && <Inside queue={queue} entry={inside} called={called} />}
      {called && <Called entry={called} isBusyInside={inside !== undefined} />}
      {!inside && !called && <Free queue={queue} />}
    </section>
  );
}

interface InsideProps {
  queue: StaffQueue;
  entry: StaffEntry;
  /** Who is on the way in already. */
  called: StaffEntry | undefined;
}

function Inside({ queue, entry, called }: InsideProps) {
  const progress = progressOf(entry.startedAt, queue.header.usualMinutes, now.value);
  const time = entry.startedAt ? runningTime(entry.startedAt, now.value) : "0:00";
  const isOff = !isLive.value || isBusy.value;
  const mayCall = !called && !queue.header.paused && !queue.header.closed;
  return (
    <article class="now-card now-inside">
      <div class="now-who">
        <p class="now-state">With you</p>
        <h2>
          <span class="now-ticket">{entry.ticket}</span>
          <span class="now-name">{entry.name ?? "Patient"}</span>
        </h2>
        <Facts entry={entry} />
      </div>
      <Ring progress={progress} time={time} />
      <div class="now-actions">
        {mayCall && (
          <button
            type="button"
            class="primary now-main"
            disabled={isOff}
            onClick={() => void finishAndCall(queue, entry)}
          >
            Finish and call next
          </button>
        )}
        {called && (
          <button
            type="button"
            class="primary now-main"
            disabled={isOff}
            onClick={() => void finishAndStart(entry, called)}
          >
            Finish and start {called.ticket}
          </button>
        )}
        <button
          type="button"
          class={mayCall || called ? "" : "primary now-main"}
          disabled={isOff}
          onClick={() => void finish(entry)}
        >
          Finish
        </button>
      </div>
    </article>
  );
}

interface CalledProps {
  entry: StaffEntry;
  isBusyInside: boolean;
}

function Called({ entry, isBusyInside }: CalledProps) {
  const isOff = !isLive.value || isBusy.value;
  const where = entry.room ? ` to ${entry.room}` : "";
  return (
    <article class="now-card now-called">
      <div class="now-who">
        <p class="now-state">
          Called{where}
          {entry.recalls > 0 && ` · ${entry.recalls + 1} times`}
        </p>
        <h2>
          <span class="now-ticket">{entry.ticket}</span>
          <span class="now-name">{entry.name ?? "Patient"}</span>
        </h2>
        <Facts entry={entry} />
      </div>
      <p class="now-since">
        <span class="ring-time" role="timer" aria-label="Time since the call">
          {entry.calledAt ? runningTime(entry.calledAt, now.value) : ""}
        </span>
        <span class="ring-usual">since the call</span>
      </p>
      <div class="now-actions">
        {!isBusyInside && (
          <button
            type="button"
            class="primary now-main"
            disabled={isOff}
            onClick={() => void start(entry)}
          >
            Start
          </button>
        )}
        <button type="button" disabled={isOff} onClick={() => void recall(entry)}>
          Call again
        </button>
        <button type="button" disabled={isOff} onClick={() => void putBack(entry)}>
          Put back
        </button>
      </div>
    </article>
  );
}

function Free({ queue }: { queue: StaffQueue }) {
  const isOff = !isLive.value || isBusy.value;
  const { paused, closed } = queue.header;
  const words = closed
    ? "The day is closed"
    : paused
      ? "Paused: nobody is called until you go on"
      : queue.line.length === 0
        ? "Nobody is in line"
        : "Your room is free";
  return (
    <article class="now-card now-free">
      <h2>{words}</h2>
      <div class="now-actions">
        {paused && !closed ? (
          <button
            type="button"
            class="primary now-main"
            disabled={isOff}
            onClick={() => void pauseOrResume(queue)}
          >
            Go on
          </button>
        ) : (
          <button
            type="button"
            class="primary now-main"
            disabled={isOff || closed || queue.line.length === 0}
            onClick={() => void callNext(queue)}
          >
            Call next
          </button>
        )}
      </div>
    </article>
  );
}

function Facts({ entry }: { entry: StaffEntry }) {
  return (
    <p class="now-facts">
      <span>{entry.visitType.replaceAll("_", " ")}</span>
      <Badges entry={entry} isStateTold />
    </p>
  );
}
