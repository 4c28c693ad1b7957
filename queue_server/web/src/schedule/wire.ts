// What the routes of schedules, leave, calendar and slots answer.

export interface Sitting {
  /** Monday is 1. */
  weekday: number;
  /** Wall times of the clinic, "HH:MM". */
  start: string;
  end: string;
  slotMinutes: number;
  bufferMinutes: number;
  inPerson: number;
  tele: number;
  total: number;
  roomId: string | null;
}

export type SittingOfDate = Omit<Sitting, "weekday">;

export interface Override {
  id: string;
  date: string;
  sittings: SittingOfDate[];
  reason: string | null;
}

export interface Schedule {
  id: string;
  doctorId: string;
  clinicId: string;
  effectiveFrom: string;
  effectiveUntil: string | null;
  sittings: Sitting[];
  overrides: Override[];
  version: number;
}

export interface Suggestion {
  slotId: string;
  doctorId: string;
  start: string;
}

export interface AffectedPatient {
  appointmentId: string;
  patientName: string | null;
  start: string;
  doctorId: string;
  suggestion: Suggestion | null;
}

export interface Preview {
  slotsAdded: number;
  slotsRemoved: number;
  slotsKept: number;
  patientsAffected: AffectedPatient[];
}

export type ClosureKind = "emergency" | "forced_block" | "holiday";

export interface Closure {
  id: string;
  kind: ClosureKind;
  clinicId: string | null;
  start: string;
  end: string;
  reason: string | null;
}

export interface Segment {
  start: string;
  end: string;
  open: boolean;
  kind: string;
  sourceId: string | null;
  explanation: string;
}

export interface SlotCounts {
  total: number;
  free: number;
  booked: number;
  blocked: number;
}

export interface CalendarDay {
  date: string;
  clinicId: string;
  segments: Segment[];
  slots: SlotCounts;
}

export interface DoctorCalendar {
  doctorId: string;
  days: CalendarDay[];
  exceptions: Closure[];
  leaves: Leave[];
}

export type LeaveStatus = "requested" | "approved" | "rejected" | "cancelled";

export interface Named {
  id: string;
  name: string;
}

export interface Leave {
  id: string;
  doctorId: string;
  doctorName: string;
  type: string;
  first: string;
  last: string;
  /** Wall times; set together, for part of one day. */
  start: string | null;
  end: string | null;
  status: LeaveStatus;
  reason: string | null;
  requestedBy: Named | null;
  requestedAt: string;
  decidedBy: Named | null;
  decidedAt: string | null;
  decisionReason: string | null;
  hits: number;
  version: number;
}

export interface SlotConflict {
  appointmentId: string;
  patientName: string | null;
  doctorId: string;
  doctorName: string;
  clinicId: string;
  start: string;
  cause: { kind: string; sourceId: string | null; explanation: string };
  suggestion: Suggestion | null;
}

export interface Slot {
  id: string;
  doctorId: string;
  doctorName: string;
  clinicId: string;
  start: string;
  end: string;
  date: string;
  remaining: { inPerson: number; tele: number };
  status: "free" | "full" | "blocked" | "past";
  roomId: string | null;
  version: number;
}
