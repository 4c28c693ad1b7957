import type { StaffQueue } from "../../generated/contract";
import { lineOf } from "../../shared/queue";
import { type DeskCommand, entryOf } from "./command";
import { nextToCall } from "./predict";

/**
 * Whether `command`, given while the desk saw `before`, still means the same in `after`.
 * Then a version that moved on meanwhile (412) is no reason to bother anybody: it is sent again.
 */
export function meansTheSame(
  command: DeskCommand,
  before: StaffQueue,
  after: StaffQueue,
  now: number,
): boolean {
  switch (command.name) {
    case "walk-in":
    case "emergency":
    case "pause":
    case "resume":
    case "undo":
      return true;
    case "close":
    case "absent":
      return sameLine(before, after);
    case "move":
      return sameLine(before, after) && sameState(command, before, after);
    case "call-next":
      if (command.body.appointmentId) return sameState(command, before, after);
      return nextToCall(before, now)?.id === nextToCall(after, now)?.id;
    default:
      return sameState(command, before, after);
  }
}

function sameLine(before: StaffQueue, after: StaffQueue): boolean {
  return lineOf(before).map(idOf).join() === lineOf(after).map(idOf).join();
}

function idOf(entry: { id: string }): string {
  return entry.id;
}

function sameState(command: DeskCommand, before: StaffQueue, after: StaffQueue): boolean {
  const id = entryOf(command);
  const was = before.entries.find((entry) => entry.id === id);
  const is = after.entries.find((entry) => entry.id === id);
  return was !== undefined && was.state === is?.state && was.triage === is.triage;
}
