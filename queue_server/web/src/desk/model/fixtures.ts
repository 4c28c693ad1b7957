import type { QueueHeader, StaffEntry, StaffQueue } from "../../generated/contract";

// Queues for tests: only what a test is about has to be said.

export const NOW = Date.parse("2025-03-03T09:30:00Z");

/** An entry that waits; its id is its ticket. */
export function entry(ticket: string, change: Partial<StaffEntry> = {}): StaffEntry {
  return {
    id: ticket,
    ticket,
    name: `Patient ${ticket}`,
    phone: null,
    start: "2025-03-03T09:30:00Z",
    durationMinutes: 15,
    visitType: "consultation",
    mode: "in_person",
    triage: 4,
    state: "waiting",
    position: null,
    clinicId: "clinic",
    clinicName: "Riverside Clinic",
    room: "Room 4",
    window: "2025-03-03T09:00:00Z",
    pinned: false,
    late: false,
    early: false,
    walkIn: false,
    callable: true,
    passedOver: false,
    arrivedAt: null,
    calledAt: null,
    startedAt: null,
    endedAt: null,
    graceUntil: null,
    promptedAt: null,
    skips: 0,
    recalls: 0,
    overtakes: {},
    estimatedWaitTime: 10,
    estimatedWaitRange: null,
    estimatedStartAt: null,
    ...change,
  };
}

/** A queue whose line is every entry that waits or is expected, in the order given. */
export function queue(entries: StaffEntry[], change: Partial<QueueHeader> = {}): StaffQueue {
  const line = entries
    .filter((one) => one.state === "waiting" || one.state === "expected")
    .map((one) => one.id);
  return {
    doctorId: "doctor",
    date: "2025-03-03",
    epoch: 1,
    version: 7,
    line,
    entries: entries.map((one) => ({
      ...one,
      position: line.includes(one.id) ? line.indexOf(one.id) + 1 : one.position,
    })),
    header: { ...header(), ...change },
  };
}

function header(): QueueHeader {
  return {
    doctor: { id: "doctor", name: "Dr Sørensen", specialty: "Paediatrics" },
    room: "Room 4",
    clinicId: "clinic",
    clinicName: "Riverside Clinic",
    timezone: "Europe/Copenhagen",
    date: "2025-03-03",
    paused: false,
    closed: false,
    delayMinutes: 0,
    blockedUntil: null,
    notices: [],
    nowServing: null,
    lastCalled: null,
    usualMinutes: 12,
    undo: [],
    policy: {
      windowMinutes: 60,
      graceMinutes: 15,
      earlyMax: 30,
      lateAfter: 10,
      releaseAfter: 20,
      latePolicy: "key",
      skipBehind: 2,
      skipMax: 2,
      holdsPerPatient: 2,
      cancelDeadlineMinutes: 120,
      slaWaitMinutes: 45,
    },
    updatedAt: "2025-03-03T09:30:00Z",
  };
}
