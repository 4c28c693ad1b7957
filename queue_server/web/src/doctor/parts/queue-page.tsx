import type { StaffEntry, StaffQueue } from "../../generated/contract";
import { Badges } from "../../shared/badge-list";
import { lineOf } from "../../shared/queue";
import { clockTime } from "../../shared/time";
import { Empty, Loading } from "../../staff/states";
import { isBusy, pauseOrResume } from "../state/commands";
import { isLive, queue, refusal } from "../state/live";
import { Current } from "./current";
import { OwnWaitlist } from "./own-waitlist";

/** The doctor's own queue and waitlist: who is here, who is next, who waits for a time. */
export function QueuePage({ doctorId }: { doctorId: string }) {
  return (
    <div class="queue-page">
      <h1 class="sr-only">Your queue</h1>
      <Queue />
      <OwnWaitlist doctorId={doctorId} />
    </div>
  );
}

function Queue() {
  const held = queue.value;
  if (held === null && refusal.value) {
    return (
      <Empty title="There is no queue for you yet">
        <p>{refusal.value.detail}</p>
      </Empty>
    );
  }
  if (held === null) return <Loading what="your queue" />;
  const line = lineOf(held);
  return (
    <>
      <Notices queue={held} />
      <Current queue={held} />
      <section class="next in-line" aria-labelledby="next-title">
        <header class="next-head">
          <h2 id="next-title">Next</h2>
          <span class="hint">{line.length === 0 ? "" : `${line.length} in line`}</span>
          {!held.header.closed && !held.header.paused && (
            <button
              type="button"
              class="quiet"
              disabled={!isLive.value || isBusy.value}
              onClick={() => void pauseOrResume(held)}
            >
              Pause
            </button>
          )}
        </header>
        {line.length === 0 && <p class="next-none">Nobody is in line.</p>}
        <ol class="next-line">
          {line.map((entry) => (
            <Waiting key={entry.id} entry={entry} zone={held.header.timezone} />
          ))}
        </ol>
      </section>
    </>
  );
}

function Notices({ queue: held }: { queue: StaffQueue }) {
  const { notices, delayMinutes } = held.header;
  return (
    <>
      {delayMinutes > 0 && (
        <p class="note">
          <span aria-hidden="true">! </span>
          Running {delayMinutes} min late
        </p>
      )}
      {notices.map((one) => (
        <p key={one.broadcastId} class="note" role="status">
          {one.message}
        </p>
      ))}
    </>
  );
}

function Waiting({ entry, zone }: { entry: StaffEntry; zone: string }) {
  return (
    <li class={`next-entry next-${entry.state}`}>
      <span class="next-ticket">{entry.ticket}</span>
      <span class="next-who">
        <span class="next-name">{entry.name ?? "Patient"}</span>
        <span class="next-facts">
          {clockTime(entry.start, zone)} {entry.visitType.replaceAll("_", " ")}{" "}
          <Badges entry={entry} />
        </span>
      </span>
    </li>
  );
}
