// What the desk may ask of a queue. `lane` is the queue it is asked of, `body` what travels.

export interface NewPatient {
  name: string;
  phone?: string;
  email?: string;
  language?: string;
}

interface CommandBodies {
  "call-next": { doctorId: string; appointmentId?: string };
  "check-in": { appointmentId: string };
  recall: { appointmentId: string };
  start: { appointmentId: string; completeCurrent?: boolean };
  complete: { appointmentId: string };
  skip: { appointmentId: string };
  cancel: { appointmentId: string };
  "no-show": { appointmentId: string; gracePeriod?: number };
  move: { appointmentId: string; newPosition: number; reason?: string };
  triage: { appointmentId: string; triage: number };
  transfer: { appointmentId: string; doctorId: string };
  "walk-in": { doctorId: string; patient: NewPatient; visitType?: string; triage?: number };
  pause: { doctorId: string };
  resume: { doctorId: string };
  close: { doctorId: string };
  undo: { doctorId: string; version: number };
  emergency: {
    doctorId: string;
    message: string;
    priority: "low" | "normal" | "high" | "critical";
    estimatedDelay?: number;
  };
  absent: { doctorId: string; doctorIds: string[] };
}

export type CommandName = keyof CommandBodies;

export type CommandOf<N extends CommandName> = {
  name: N;
  lane: string;
  body: CommandBodies[N];
};

export type DeskCommand = { [N in CommandName]: CommandOf<N> }[CommandName];

/** The entry a command is about, if it is about one. */
export function entryOf(command: DeskCommand): string | undefined {
  return "appointmentId" in command.body ? command.body.appointmentId : undefined;
}
