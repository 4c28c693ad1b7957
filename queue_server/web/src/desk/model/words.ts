import type { StaffEntry, StaffQueue } from "../../generated/contract";
import { clockTime } from "../../shared/time";
import { type DeskCommand, entryOf } from "./command";
import { graceDeadline, nextToCall } from "./predict";

/** "P18 Mei Chen": how a patient is called in every sentence of the desk. */
export function who(entry: Pick<StaffEntry, "ticket" | "name">): string {
  return entry.name ? `${entry.ticket} ${entry.name}` : entry.ticket;
}

/** "4th", "1st", "22nd". */
export function ordinal(place: number): string {
  const tens = place % 100;
  const unit = place % 10;
  const irregular = tens < 11 || tens > 13 ? { 1: "st", 2: "nd", 3: "rd" }[unit] : undefined;
  return `${place}${irregular ?? "th"}`;
}

/** "P18 Mei Chen called to Room 4": what a command does, as the toast and the speech say it. */
export function sentence(
  command: DeskCommand,
  queue: StaffQueue,
  now: number,
  doctorName: (id: string) => string,
): string {
  const id = entryOf(command);
  const asked = queue.entries.find((entry) => entry.id === id);
  const doctor = queue.header.doctor.name;
  const name = asked ? who(asked) : "Patient";
  switch (command.name) {
    case "call-next": {
      const next = asked ?? nextToCall(queue, now);
      const place = next?.room || doctor;
      return next ? `${who(next)} called to ${place}` : `Next patient called to ${place}`;
    }
    case "check-in":
      return asked?.state === "no_show" ? `${name} arrived after all` : `${name} is here`;
    case "recall":
      return `${name} called again`;
    case "start":
      return `${name} is with ${doctor}`;
    case "complete":
      return `${name} finished`;
    case "skip":
      return `${name} put back in the line`;
    case "cancel":
      return `${name} cancelled`;
    case "no-show":
      return asked ? noShow(queue, asked, command.body.gracePeriod, now) : "Marked as no-show";
    case "move":
      return `${name} moved to ${ordinal(command.body.newPosition)} place`;
    case "triage":
      return `${name} triage ${command.body.triage}`;
    case "transfer":
      return `${name} transferred to ${doctorName(command.body.doctorId)}`;
    case "walk-in":
      return `${command.body.patient.name} added to ${doctor}`;
    case "pause":
      return `${doctor} paused`;
    case "resume":
      return `${doctor} resumed`;
    case "close":
      return `${doctor}: day closed`;
    case "undo":
      return `Undone: ${undone(queue, command.body.version)}`;
    case "emergency":
      return `Message sent to everybody waiting for ${doctor}`;
    case "absent":
      return `Everybody moved from ${doctor}`;
  }
}

function noShow(
  queue: StaffQueue,
  entry: StaffEntry,
  given: number | undefined,
  now: number,
): string {
  const until = graceDeadline(queue, entry, given, now);
  if (until <= now) return `${who(entry)} marked as no-show`;
  return `${who(entry)} has until ${clockTime(until, queue.header.timezone)} to come`;
}

/** How many a command reached, where only the answer tells: "Message sent to 12 patients". */
export function tally(
  command: DeskCommand,
  result: Record<string, unknown> | undefined,
): string | undefined {
  if (command.name === "emergency" && typeof result?.recipients === "number") {
    return `Message sent to ${patients(result.recipients)}`;
  }
  if (command.name === "absent" && Array.isArray(result?.moved)) {
    return `${patients(result.moved.length)} moved to other doctors`;
  }
  return undefined;
}

/** "1 patient", "7 patients". */
export function patients(count: number): string {
  return count === 1 ? "1 patient" : `${count} patients`;
}

/** "call of P18" for the version that a command made. */
export function undone(queue: StaffQueue, version: number): string {
  const view = queue.header.undo.find((one) => one.version === version);
  if (!view) return `last command of ${queue.header.doctor.name}`;
  const noun = commandNoun(view.command);
  return view.ticket ? `${noun} of ${view.ticket}` : `${noun}, ${queue.header.doctor.name}`;
}

const COMMAND_WORDS: Record<string, string> = {
  "call-next": "call",
  "check-in": "arrival",
  recall: "recall",
  start: "start",
  complete: "finish",
  skip: "skip",
  cancel: "cancellation",
  "no-show": "no-show",
  move: "move",
  triage: "triage",
  transfer: "transfer",
  "walk-in": "walk-in",
  pause: "pause",
  resume: "resume",
  close: "close of day",
  emergency: "message",
  absent: "move of everybody",
};

/** A command as a noun, for "Undo the call of P18". */
export function commandNoun(name: string): string {
  return COMMAND_WORDS[name.replaceAll("_", "-")] ?? name.replaceAll(/[-_]/g, " ");
}
