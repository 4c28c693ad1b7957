import type { StaffQueue } from "../../generated/contract";
import { desksAt, phonesAt } from "../state/presence";
import { Kbd } from "./kbd";
import type { Panel } from "./lane";
import { LaneMenu } from "./lane-menu";

interface LaneHeadProps {
  queue: StaffQueue;
  number: number;
  panel: Panel | null;
  onPanel: (panel: Panel) => void;
}

/** Whose lane it is, whether it runs on time, and who else works on it. */
export function LaneHead({ queue, number, panel, onPanel }: LaneHeadProps) {
  const { doctor, room } = queue.header;
  const others = desksAt(queue.doctorId);
  return (
    <header class="lane-head">
      <div class="lane-title">
        <h2 id={`lane-${queue.doctorId}`}>
          {doctor.name} {number <= 9 && <Kbd>{String(number)}</Kbd>}
        </h2>
        <p>
          {[doctor.specialty, room].filter(Boolean).join(" · ")}
          <SeenBy phones={phonesAt(queue)} />
        </p>
        {others.length > 0 && (
          <p class="presence">
            <span aria-hidden="true">✎</span> {others.join(", ")} is working on this lane
          </p>
        )}
      </div>
      <div class="lane-side">
        <LaneChip queue={queue} />
        <LaneMenu queue={queue} panel={panel} onPanel={onPanel} />
      </div>
    </header>
  );
}

/** How many phones follow the lane at this moment; in a line that is there anyway, so that nothing jumps. */
function SeenBy({ phones }: { phones: number | undefined }) {
  if (!phones) return null;
  return (
    <span class="seen-by">
      <span class="phone" aria-hidden="true" /> Seen by {phones} {phones === 1 ? "phone" : "phones"}
    </span>
  );
}

function LaneChip({ queue }: { queue: StaffQueue }) {
  const { closed, paused, delayMinutes } = queue.header;
  if (closed) return <span class="chip chip-plain">Closed</span>;
  if (paused) return <span class="chip chip-warn">Paused</span>;
  if (delayMinutes > 0) return <span class="chip chip-warn">{delayMinutes} min late</span>;
  return <span class="chip chip-ok">On time</span>;
}
