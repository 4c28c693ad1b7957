import type { StaffEntry, StaffQueue } from "../../generated/contract";
import { allows, type EntryAction } from "../model/actions";
import { who } from "../model/words";
import { markNoShow, refuse, run, startConsultation } from "./commands";
import { ask, open } from "./dialog";

/** Do `action` with `entry`: the one way in for buttons, keys and palette. */
export function act(action: EntryAction, queue: StaffQueue, entry: StaffEntry): void {
  if (!allows(entry, action, queue.line.length)) {
    refuse(`act-${action}`, `${who(entry)}: that is not possible now.`);
    return;
  }
  const lane = queue.doctorId;
  const appointmentId = entry.id;
  const body = { appointmentId };
  switch (action) {
    case "call":
      void run({ name: "call-next", lane, body: { doctorId: lane, appointmentId } });
      break;
    case "arrived":
      void run({ name: "check-in", lane, body });
      break;
    case "start":
      void startConsultation(queue);
      break;
    case "finish":
      void run({ name: "complete", lane, body });
      break;
    case "recall":
      void run({ name: "recall", lane, body });
      break;
    case "no-show":
      void markNoShow(lane, entry.id, entry.graceUntil !== null);
      break;
    case "skip":
      void run({ name: "skip", lane, body });
      break;
    case "up":
    case "down": {
      const newPosition = (entry.position ?? 1) + (action === "up" ? -1 : 1);
      void run({ name: "move", lane, body: { appointmentId, newPosition } });
      break;
    }
    case "move":
    case "triage":
    case "transfer":
      open({ kind: action, lane, entry: entry.id });
      break;
    case "cancel":
      void cancel(lane, entry);
      break;
  }
}

async function cancel(lane: string, entry: StaffEntry): Promise<void> {
  const sure = await ask({
    title: `Cancel the visit of ${who(entry)}?`,
    text: "The patient leaves the line and is told so. You can undo this for 30 seconds.",
    yes: "Cancel the visit",
    no: "Keep it",
    danger: true,
  });
  if (sure) await run({ name: "cancel", lane, body: { appointmentId: entry.id } });
}
