import { signal } from "@preact/signals";
import type { Mode, SlotView } from "../../generated/contract";
import { addDays, wallClock } from "../../schedule/model/wall-time";
import { zoneOf } from "../../schedule/state/zones";
import { refusalWords } from "../model/refusals";
import { timesOf } from "./times";
import { cancel, reschedule, transfer, undo } from "./visits";

// What was moved or cancelled here, kept in sight with the way back.

/** An appointment that is to have another time. */
export interface Visit {
  appointmentId: string;
  name: string;
  phone: string | null;
  start: string;
  doctorId: string;
  doctorName: string;
  clinicId: string;
  mode: Mode;
}

/** Where it goes: a time, or the line of another doctor on the same day. */
export type Target =
  | { slot: Pick<SlotView, "id" | "doctorId" | "doctorName" | "start"> }
  | { doctorId: string; doctorName: string };

export interface Done {
  visit: Visit;
  target: Target | "cancelled";
  /** Whether its old time may be taken again; one that is closed cannot. */
  canGoBack: boolean;
  state: "done" | "going-back" | "back" | "refused";
  /** Why it could not be taken back. */
  reason: string;
}

/** What was done here, the newest first. */
export const done = signal<readonly Done[]>([]);

const MOST = 50;

/** Move one; throws why not. */
export async function move(visit: Visit, target: Target, canGoBack = true): Promise<void> {
  if ("slot" in target) await reschedule(visit.appointmentId, target.slot.id);
  else await transfer(visit.appointmentId, target.doctorId);
  keep({ visit, target, canGoBack, state: "done", reason: "" });
}

/** Cancel one; throws why not. */
export async function callOff(visit: Visit, reason: string): Promise<void> {
  await cancel(visit.appointmentId, reason);
  keep({ visit, target: "cancelled", canGoBack: true, state: "done", reason: "" });
}

/** Put it back where it was; what the server refuses stays in the list with the reason. */
export async function goBack(one: Done): Promise<boolean> {
  change(one, { state: "going-back" });
  try {
    await takeBack(one);
    change(one, { state: "back" });
    return true;
  } catch (error) {
    change(one, { state: "refused", reason: refusalWords(error as Error) });
    return false;
  }
}

/** Forget what was done here. */
export function clearDone(): void {
  done.value = [];
}

async function takeBack({ visit, target }: Done): Promise<void> {
  const { appointmentId, doctorId } = visit;
  const { date } = wallClock(visit.start, zoneOf(visit.clinicId));
  if (target === "cancelled" || !("slot" in target)) {
    await undo(doctorId, date, appointmentId);
    return;
  }
  const old = await slotOf(visit, date);
  if (!old) throw new Error("Its old time is not offered any more. Choose another one.");
  await reschedule(appointmentId, old.id);
}

/** The slot that an appointment had; a night's may be of the day before by the clinic's clock. */
async function slotOf(visit: Visit, date: string): Promise<SlotView | undefined> {
  const { clinicId, doctorId, mode, start } = visit;
  for (const day of [date, addDays(date, -1)]) {
    const found = await timesOf({ clinicId, doctorId, date: day, mode });
    const same = found.find((slot) => Date.parse(slot.start) === Date.parse(start));
    if (same) return same;
  }
  return undefined;
}

function keep(one: Done): void {
  const others = done.value.filter(
    (other) => other.visit.appointmentId !== one.visit.appointmentId,
  );
  done.value = [one, ...others].slice(0, MOST);
}

function change(one: Done, now: Partial<Done>): void {
  done.value = done.value.map((other) =>
    other.visit.appointmentId === one.visit.appointmentId ? { ...other, ...now } : other,
  );
}
