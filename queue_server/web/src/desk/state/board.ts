import { computed, signal } from "@preact/signals";
import type { LaneDoctor, StaffEntry } from "../../generated/contract";
import type { Queues } from "../../shared/staff-socket";
import type { DeskCommand } from "../model/command";
import { predict, predictArrival } from "../model/predict";
import { truth } from "./live";

// The board is the server's truth with the commands that are under way laid over it. To roll one
// back is to take it off again.

export interface UnderWay {
  key: string;
  command: DeskCommand;
  at: number;
  /** The patient as they stood when the command was given. */
  entry: StaffEntry | undefined;
}

/** The doctors of the clinic, whether or not they have a lane here. */
export const doctors = signal<LaneDoctor[]>([]);

/** The doctor ids of this desk's lanes, in order. */
export const lanes = signal<string[]>([]);

export const underWay = signal<UnderWay[]>([]);

/** What the desk shows. */
export const shown = computed<Queues>(() => underWay.value.reduce(overlay, truth.value));

/** The name of a doctor of this clinic. */
export function doctorName(id: string): string {
  return doctors.value.find((doctor) => doctor.id === id)?.name ?? "another doctor";
}

function overlay(queues: Queues, { command, at, entry }: UnderWay): Queues {
  const from = queues.get(command.lane);
  if (!from) return queues;
  const next = new Map(queues).set(command.lane, predict(from, command, at));
  if (command.name !== "transfer") return next;
  const target = queues.get(command.body.doctorId);
  if (target && entry) next.set(target.doctorId, predictArrival(target, entry));
  return next;
}
