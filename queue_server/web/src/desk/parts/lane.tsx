import { useEffect, useRef, useState } from "preact/hooks";
import type { StaffQueue } from "../../generated/contract";
import { lineOf } from "../../shared/queue";
import { shown } from "../state/board";
import { callNext, run } from "../state/commands";
import { open } from "../state/dialog";
import { dropLane } from "../state/drag";
import { canAct } from "../state/live";
import { entryId, laneId, select } from "../state/selection";
import { Current } from "./current";
import { EntryCard } from "./entry-card";
import { Gone } from "./gone";
import { Kbd } from "./kbd";
import { LaneHead } from "./lane-head";
import { LookBack } from "./look-back";
import { Notices } from "./notices";
import { StatisticsStrip } from "./statistics-strip";

interface LaneProps {
  doctorId: string;
  number: number;
}

export type Panel = "statistics" | "look-back";

/** A doctor's queue: who is in, who is next, and everything that can be done about it. */
export function Lane({ doctorId, number }: LaneProps) {
  const element = useRef<HTMLElement>(null);
  const [panel, setPanel] = useState<Panel | null>(null);
  const queue = shown.value.get(doctorId);
  const selected = laneId.value === doctorId;
  const loaded = queue !== undefined;

  useEffect(() => {
    if (element.current && loaded) return dropLane(element.current, doctorId);
  }, [doctorId, loaded]);

  if (!queue) return <LaneLoading />;
  const toggle = (next: Panel): void => setPanel(panel === next ? null : next);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the arrow keys and digits select lanes
    <section
      ref={element}
      class={selected ? "lane lane-selected" : "lane"}
      aria-labelledby={`lane-${doctorId}`}
      onClick={() => laneId.value !== doctorId && select(doctorId, null)}
    >
      <LaneHead queue={queue} number={number} panel={panel} onPanel={toggle} />
      <Notices queue={queue} />
      {panel === "statistics" && <StatisticsStrip queue={queue} />}
      {panel === "look-back" ? (
        <LookBack queue={queue} onClose={() => setPanel(null)} />
      ) : (
        <LaneBody queue={queue} selected={selected} />
      )}
    </section>
  );
}

function LaneBody({ queue, selected }: { queue: StaffQueue; selected: boolean }) {
  const line = lineOf(queue);
  const chosen = selected && line.some((entry) => entry.id === entryId.value);
  return (
    <>
      <Current queue={queue} selected={selected} />
      <NextButton queue={queue} selected={selected} />
      {line.length === 0 && <EmptyLine queue={queue} />}
      <ol class="line" aria-label={`Line of ${queue.header.doctor.name}`}>
        {line.map((entry, index) => (
          <EntryCard
            key={entry.id}
            queue={queue}
            entry={entry}
            selected={chosen && entry.id === entryId.value}
            reachable={chosen ? entry.id === entryId.value : index === 0}
          />
        ))}
      </ol>
      <Gone queue={queue} />
    </>
  );
}

/** Calls the next patient; while the lane is paused it resumes, for then nobody can be called. */
function NextButton({ queue, selected }: { queue: StaffQueue; selected: boolean }) {
  const lane = queue.doctorId;
  const { paused, closed } = queue.header;
  const isPaused = paused && !closed;
  const resume = () => void run({ name: "resume", lane, body: { doctorId: lane } });
  return (
    <button
      id={`call-${lane}`}
      type="button"
      class="primary call-next"
      disabled={!canAct.value || closed}
      aria-keyshortcuts={selected && !isPaused ? "N" : undefined}
      onFocus={() => laneId.value !== lane && select(lane, null)}
      onClick={() => (isPaused ? resume() : void callNext(queue))}
    >
      {isPaused ? "Resume" : "Call next"} {selected && !isPaused && <Kbd>N</Kbd>}
    </button>
  );
}

function EmptyLine({ queue }: { queue: StaffQueue }) {
  if (queue.header.closed) return <p class="empty">The day is closed. Everybody is dealt with.</p>;
  return (
    <div class="empty">
      <p>Nobody in line.</p>
      <button
        type="button"
        disabled={!canAct.value}
        onClick={() => open({ kind: "walk-in", lane: queue.doctorId })}
      >
        Add a walk-in <Kbd>W</Kbd>
      </button>
    </div>
  );
}

function LaneLoading() {
  return (
    <section class="lane lane-loading" aria-busy="true" aria-label="Loading a lane">
      <p>Loading the queue…</p>
    </section>
  );
}
