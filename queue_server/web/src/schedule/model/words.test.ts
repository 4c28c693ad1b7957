import { describe, expect, it } from "vitest";
import type { AffectedPatient, Preview, Schedule, Sitting } from "../wire";
import { differences, merged, overrideDifferences } from "./conflict";
import { distance, previewWords, whatBecomes } from "./preview-words";

const NOTHING: Preview = { slotsAdded: 0, slotsRemoved: 0, slotsKept: 40, patientsAffected: [] };

function patient(suggested = true): AffectedPatient {
  return {
    appointmentId: "a",
    patientName: "Mei Chen",
    start: "2026-11-23T09:00:00Z",
    doctorId: "d",
    clinicId: "c",
    suggestion: suggested
      ? { slotId: "s", doctorId: "d", doctorName: "Dr Alder", start: "2026-11-24T09:00:00Z" }
      : null,
  };
}

describe("a preview", () => {
  it("says what goes and whom it hits", () => {
    const patientsAffected = [patient(), patient(), patient()];
    expect(previewWords({ ...NOTHING, slotsRemoved: 12, patientsAffected })).toBe(
      "12 slots removed, 3 patients affected",
    );
    expect(previewWords({ ...NOTHING, slotsAdded: 1, slotsRemoved: 1 })).toBe(
      "1 slot added, 1 slot removed",
    );
    expect(previewWords(NOTHING)).toBe("No slot changes, no patient is affected");
  });

  it("says what becomes of the patients", () => {
    expect(whatBecomes([])).toBe("Every booked appointment keeps its time.");
    expect(whatBecomes([patient()])).toBe(
      "The appointment keeps its time until reception finds another one.",
    );
    expect(whatBecomes([patient(), patient(false)])).toMatch(/For 1 patient no free time/);
  });

  it("says how far off a suggested time is", () => {
    expect(distance("2026-11-23", "2026-11-23", 0)).toBe("same day");
    expect(distance("2026-11-23", "2026-11-25", 2)).toBe("2 days later");
    expect(distance("2026-11-23", "2026-11-22", -1)).toBe("1 day earlier");
  });
});

const MORNING: Sitting = {
  weekday: 1,
  start: "09:00",
  end: "12:00",
  endsNextDay: false,
  slotMinutes: 15,
  bufferMinutes: 0,
  inPerson: 1,
  tele: 0,
  total: 1,
  roomId: null,
  equipmentIds: [],
};

const SCHEDULE: Schedule = {
  id: "s",
  doctorId: "d",
  clinicId: "c",
  effectiveFrom: "2026-11-01",
  effectiveUntil: null,
  ended: false,
  sittings: [MORNING],
  overrides: [],
  version: 3,
  preview: null,
};

describe("two versions of a schedule", () => {
  it("differ in sittings that came, went or changed", () => {
    const sittings = [
      { ...MORNING, end: "13:00", slotMinutes: 20, roomId: "r", equipmentIds: ["e", "f"] },
      { ...MORNING, weekday: 2 },
    ];
    const names = { room: () => "Room 4", equipment: (id: string) => `ECG ${id}` };
    expect(differences(SCHEDULE, { ...SCHEDULE, sittings }, names)).toEqual([
      {
        what: "changed",
        text: "Monday 09:00–12:00: until 13:00 instead of 12:00, slots of 20 min instead of 15, in Room 4, with ECG e and ECG f",
      },
      { what: "added", text: "Tuesday 09:00–12:00" },
    ]);
    expect(differences(SCHEDULE, { ...SCHEDULE, sittings: [] })).toEqual([
      { what: "removed", text: "Monday 09:00–12:00" },
    ]);
  });

  it("differ in their dates", () => {
    const after = { ...SCHEDULE, effectiveUntil: "2026-12-31" };
    expect(differences(SCHEDULE, after)).toEqual([
      { what: "changed", text: "In effect until Thursday 31 December 2026" },
    ]);
    expect(differences(after, SCHEDULE)[0]?.text).toBe("No end date");
  });

  it("differ in single dates", () => {
    const override = { id: "o", scheduleId: "s", date: "2026-11-24", sittings: [], reason: null };
    const after = { ...SCHEDULE, overrides: [override] };
    expect(overrideDifferences(SCHEDULE, after)).toEqual([
      { what: "added", text: "Other hours on Tuesday 24 November 2026" },
    ]);
    expect(overrideDifferences(after, SCHEDULE)[0]?.what).toBe("removed");
  });

  it("that say the same differ in nothing", () => {
    expect(differences(SCHEDULE, { ...SCHEDULE, sittings: [{ ...MORNING }] })).toEqual([]);
  });

  it("become one with both people's changes", () => {
    const tuesday = { ...MORNING, weekday: 2 };
    const before = { ...SCHEDULE, sittings: [MORNING, tuesday] };
    const theirs = { ...before, sittings: [{ ...MORNING, end: "13:00" }, tuesday] };
    const mine = { ...before, effectiveUntil: "2026-12-31", sittings: [MORNING] };
    expect(merged(before, theirs, mine)).toEqual({
      effectiveFrom: "2026-11-01",
      effectiveUntil: "2026-12-31",
      sittings: [{ ...MORNING, end: "13:00" }],
    });
  });

  it("become mine where both changed the same", () => {
    const theirs = { ...SCHEDULE, sittings: [{ ...MORNING, end: "13:00" }] };
    const mine = { ...SCHEDULE, sittings: [{ ...MORNING, end: "11:00" }] };
    expect(merged(SCHEDULE, theirs, mine).sittings).toEqual(mine.sittings);
  });
});
