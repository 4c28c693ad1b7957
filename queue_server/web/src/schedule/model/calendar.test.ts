import { describe, expect, it } from "vitest";
import type { CalendarDay, DoctorDay, Segment, SlotConflict } from "../wire";
import {
  byCause,
  closedOf,
  dayExplanation,
  dayWords,
  groupWords,
  heat,
  openOf,
  slotWords,
} from "./calendar";

const DATE = "2026-11-23";
const ZONE = "Europe/Copenhagen";

function segment(from: string, to: string, changed: Partial<Segment> = {}): Segment {
  return {
    start: `${DATE}T${from}:00Z`,
    end: `${DATE}T${to}:00Z`,
    open: false,
    kind: "outside_hours",
    sourceId: null,
    explanation: "Closed: no hours then",
    ...changed,
  };
}

const SLOTS = { total: 12, free: 5, booked: 6, blocked: 1, freeInPerson: 5, freeTele: 0 };

function day(changed: Partial<DoctorDay> = {}): DoctorDay {
  return { date: DATE, openMinutes: 180, open: [], closed: [], slots: SLOTS, ...changed };
}

describe("a calendar day", () => {
  const segments = [
    segment("07:00", "08:00"),
    segment("08:00", "11:00", { open: true, kind: "base", explanation: "Open" }),
    segment("11:00", "12:00", { kind: "leave", explanation: "Closed: leave approved by Ines" }),
  ];
  const shown: CalendarDay = {
    date: DATE,
    clinicId: "c",
    timezone: ZONE,
    segments,
    slots: SLOTS,
  };

  it("has each closed stretch with its reason, by the clinic's clock", () => {
    expect(closedOf(shown)).toMatchObject([
      { look: "outside", title: "Closed", start: 480, end: 540 },
      { look: "leave", title: "Leave", start: 720, end: 780 },
    ]);
    expect(openOf(shown)).toEqual([{ start: 540, end: 720 }]);
  });

  it("is cut at its midnights", () => {
    const long = { ...segment("00:00", "00:00"), start: "2026-11-22T10:00:00Z" };
    const cut = closedOf({ ...shown, segments: [{ ...long, end: "2026-11-25T10:00:00Z" }] });
    expect(cut).toMatchObject([{ start: 0, end: 1440 }]);
  });
});

describe("a doctor's day in short", () => {
  it("says how much is free, or why nothing is", () => {
    expect(dayWords(day())).toBe("5 free");
    expect(dayWords(day({ slots: { ...SLOTS, free: 0 } }))).toBe("full");
    const none = { ...SLOTS, total: 0, free: 0, booked: 0, blocked: 0 };
    expect(dayWords(day({ slots: none }))).toBe("no slots");
    const leave = [segment("07:00", "12:00", { kind: "leave" })];
    expect(dayWords(day({ slots: none, openMinutes: 0, closed: leave }))).toBe("leave");
    expect(dayWords(day({ slots: none, openMinutes: 0 }))).toBe("closed");
  });

  it("is the warmer the more is free", () => {
    expect(heat({ ...SLOTS, free: 0 })).toBe(0);
    expect(heat({ ...SLOTS, free: 1 })).toBe(1);
    expect(heat({ ...SLOTS, free: 7 })).toBe(3);
    expect(heat({ ...SLOTS, free: 12 })).toBe(4);
  });

  it("explains itself in a sentence", () => {
    const leave = segment("11:00", "12:00", { kind: "leave", explanation: "Closed: leave" });
    expect(dayExplanation(day({ closed: [leave] }), ZONE)).toBe(
      "Open 3 h, 12 slots: 5 free, 6 booked, 1 blocked. Closed: leave (12:00–13:00)",
    );
  });
});

describe("a slot", () => {
  const two = { inPerson: 2, tele: 0, total: 2 };
  const one = { inPerson: 1, tele: 0, total: 1 };
  const none = { inPerson: 0, tele: 0, total: 0 };

  it("says in words where it stands", () => {
    expect(slotWords({ status: "free", capacity: one, taken: none })).toBe("free");
    expect(slotWords({ status: "free", capacity: two, taken: one })).toBe("1 of 2 free");
    expect(slotWords({ status: "full", capacity: one, taken: one })).toBe("full");
    expect(slotWords({ status: "blocked", capacity: two, taken: one })).toBe("blocked, 1 booked");
    expect(slotWords({ status: "past", capacity: one, taken: none })).toBe("over");
  });
});

describe("appointments that lost their time", () => {
  function conflict(id: string, hour: string, kind: string, sourceId: string): SlotConflict {
    return {
      appointmentId: id,
      patientName: id,
      patientPhone: null,
      doctorId: "d",
      doctorName: "Dr Alder",
      clinicId: "c",
      start: `${DATE}T${hour}:00:00Z`,
      mode: "in_person",
      cause: { kind, sourceId, explanation: "Closed: leave approved by Ines" },
      suggestion: null,
    };
  }

  it("stand together by what took it, the soonest first", () => {
    const groups = byCause([
      conflict("a", "12", "leave", "l"),
      conflict("b", "09", "forced_block", "x"),
      conflict("c", "10", "leave", "l"),
    ]);
    expect(groups.map(groupWords)).toEqual([
      "1 appointment hit by this block",
      "2 appointments hit by this leave",
    ]);
    expect(groups[1]?.conflicts.map((one) => one.appointmentId)).toEqual(["c", "a"]);
  });
});
