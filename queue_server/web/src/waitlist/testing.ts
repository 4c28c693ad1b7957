import type { StaffEntryView } from "../generated/contract";

/** Somebody who waits, as a test needs them. */
export function waiting(id: string, more: Partial<StaffEntryView> = {}): StaffEntryView {
  return {
    id,
    tenantId: "tenant",
    clinicId: "clinic",
    doctorId: null,
    patientId: `patient-${id}`,
    status: "active",
    position: null,
    priorityScore: 3,
    scoreReasons: [{ code: "waited", points: 3, days: 3 }],
    requestedWindow: { start: null, end: null, partsOfDay: [] },
    mode: null,
    visitType: "consultation",
    urgency: "routine",
    shortNotice: false,
    notes: "",
    metadata: {},
    expiresAt: "2030-02-01T09:00:00Z",
    deferredUntil: null,
    invite: null,
    promotedAppointmentId: null,
    createdAt: "2030-01-01T09:00:00Z",
    updatedAt: "2030-01-01T09:00:00Z",
    version: 1,
    patientName: `Patient ${id}`,
    patientPhone: null,
    tier: "standard",
    isChronic: false,
    isOverdue: false,
    overrideReason: null,
    audit: [],
    ...more,
  };
}
