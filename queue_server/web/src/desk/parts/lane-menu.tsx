import { useEffect, useRef, useState } from "preact/hooks";
import type { StaffQueue } from "../../generated/contract";
import { now } from "../../shared/clock";
import { follow } from "../../shared/route";
import { patients, undone } from "../model/words";
import { run, undo } from "../state/commands";
import { ask, open } from "../state/dialog";
import { canAct } from "../state/live";
import { dayListAddress } from "../state/route";
import type { Panel } from "./lane";

/** More of what could be undone would push the rest of the menu off the screen. */
const UNDOS = 3;

interface LaneMenuProps {
  queue: StaffQueue;
  panel: Panel | null;
  onPanel: (panel: Panel) => void;
}

/** What can be done with a lane as a whole. */
export function LaneMenu({ queue, panel, onPanel }: LaneMenuProps) {
  const [shown, setShown] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const toggle = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!shown) return;
    const outside = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) setShown(false);
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [shown]);

  const onKey = (event: KeyboardEvent): void => {
    if (!shown) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined && event.key !== "Escape") return;
    // The arrows would otherwise walk along the cards.
    event.preventDefault();
    if (step !== undefined) {
      focusBy(root.current, step);
      return;
    }
    setShown(false);
    toggle.current?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys bubble up from the buttons
    <div ref={root} class="lane-menu" onKeyDown={onKey}>
      <button
        ref={toggle}
        type="button"
        class="icon-button"
        aria-expanded={shown}
        aria-label={`More for ${queue.header.doctor.name}`}
        onClick={() => setShown(!shown)}
      >
        <span aria-hidden="true">⋯</span>
      </button>
      {shown && (
        // biome-ignore lint/a11y/noStaticElementInteractions: clicks bubble up from the buttons
        // biome-ignore lint/a11y/useKeyWithClickEvents: keys click the buttons
        <div class="menu" onClick={() => setShown(false)}>
          <Items queue={queue} panel={panel} onPanel={onPanel} />
        </div>
      )}
    </div>
  );
}

function focusBy(menu: HTMLElement | null, step: number): void {
  const items = [...(menu?.querySelectorAll<HTMLElement>(".menu > :not(:disabled)") ?? [])];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const next = at === -1 && step < 0 ? items.length - 1 : at + step;
  items[(next + items.length) % items.length]?.focus();
}

function Items({ queue, panel, onPanel }: LaneMenuProps) {
  const lane = queue.doctorId;
  const { paused, closed } = queue.header;
  const off = !canAct.value;
  const body = { doctorId: lane };
  return (
    <>
      {queue.header.undo
        .filter((one) => Date.parse(one.until) > now.value)
        .sort((one, other) => other.version - one.version)
        .slice(0, UNDOS)
        .map((one) => (
          <button type="button" disabled={off} onClick={() => void undo(lane, one.version)}>
            Undo: {undone(queue, one.version)}
          </button>
        ))}
      <button type="button" disabled={off} onClick={() => open({ kind: "walk-in", lane })}>
        Add a walk-in…
      </button>
      <button type="button" disabled={off} onClick={() => open({ kind: "emergency", lane })}>
        Message everybody…
      </button>
      {!closed && (
        <button
          type="button"
          disabled={off}
          onClick={() => void run({ name: paused ? "resume" : "pause", lane, body })}
        >
          {paused ? "Resume" : "Pause"}
        </button>
      )}
      <button type="button" disabled={off} onClick={() => open({ kind: "absent", lane })}>
        Doctor absent…
      </button>
      <button
        type="button"
        aria-pressed={panel === "statistics"}
        onClick={() => onPanel("statistics")}
      >
        {panel === "statistics" ? "Hide figures" : "Figures of the day"}
      </button>
      <button
        type="button"
        aria-pressed={panel === "look-back"}
        onClick={() => onPanel("look-back")}
      >
        {panel === "look-back" ? "Back to now" : "Look back"}
      </button>
      <a class="button" href={dayListAddress(lane, queue.date)} onClick={follow}>
        Day list
      </a>
      {!closed && (
        <button type="button" class="danger" disabled={off} onClick={() => void closeDay(queue)}>
          Close the day…
        </button>
      )}
    </>
  );
}

async function closeDay(queue: StaffQueue): Promise<void> {
  const doctorId = queue.doctorId;
  const here = queue.entries.filter((one) => one.state === "waiting" || one.state === "called");
  const missing = queue.entries.filter((one) => one.state === "expected");
  const sure = await ask({
    title: `Close the day of ${queue.header.doctor.name}?`,
    text:
      `${patients(here.length)} who came will be cancelled, ` +
      `${patients(missing.length)} who did not come will be marked as no-show.`,
    yes: "Close the day",
    no: "Keep it open",
    danger: true,
  });
  if (sure) await run({ name: "close", lane: doctorId, body: { doctorId } });
}
