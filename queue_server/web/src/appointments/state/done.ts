import { signal } from "@preact/signals";
import type { Mode, SlotView } from "../../generated/contract";
import { wallClock } from "../../schedule/model/wall-time";
import { zoneOf } from "../../schedule/state/zones";
import { refusalWords } from "../model/refusals";
import { appointment, cancel, reschedule, transfer, undo } from "./visits";

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
  /** The slot that it had, if it can be put back there. */
  oldSlotId: string | null;
  /** Whether its old time may be taken again; one that is closed cannot. */
  canGoBack: boolean;
  state: "done" | "going-back" | "back" | "refused";
  /** Why it could not be taken back. */
  reason: string;
}

/** What was done here, the newest first. */
export const done = signal<readonly Done[]>([]);

const MOST = 50;

/** Move one; throws why not. Whether it can be moved back depends on its old time being open. */
export async function move(visit: Visit, target: Target, isOldOpen = true): Promise<void> {
  if ("slot" in target) {
    const oldSlotId = isOldOpen ? (await appointment(visit.appointmentId)).slotId : null;
    await reschedule(visit.appointmentId, target.slot.id);
    keep({ visit, target, oldSlotId, canGoBack: oldSlotId !== null });
  } else {
    await transfer(visit.appointmentId, target.doctorId);
    keep({ visit, target, oldSlotId: null, canGoBack: true });
  }
}

/** Cancel one; throws why not. */
export async function callOff(visit: Visit, reason: string): Promise<void> {
  await cancel(visit.appointmentId, reason);
  keep({ visit, target: "cancelled", oldSlotId: null, canGoBack: true });
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

async function takeBack({ visit, target, oldSlotId }: Done): Promise<void> {
  const { appointmentId, doctorId } = visit;
  if (oldSlotId !== null) await reschedule(appointmentId, oldSlotId);
  else if (target === "cancelled" || !("slot" in target))
    await undo(doctorId, wallClock(visit.start, zoneOf(visit.clinicId)).date, appointmentId);
}

function keep(made: Omit<Done, "state" | "reason">): void {
  const one: Done = { ...made, state: "done", reason: "" };
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
