import { describe, expect, it } from "vitest";
import type { Leave } from "../wire";
import { decisionWords, leaveDates, leaveFaults, whyNotDecide } from "./leave";

const REQUEST: Leave = {
  id: "l",
  doctorId: "d",
  doctorName: "Dr Alder",
  type: "annual",
  first: "2026-11-23",
  last: "2026-11-27",
  start: null,
  end: null,
  status: "requested",
  reason: null,
  requestedBy: { id: "alder", name: "Dr Alder" },
  requestedAt: "2026-11-01T08:00:00Z",
  decidedBy: null,
  decidedAt: null,
  decisionReason: null,
  hits: 3,
  mayDecide: true,
  mayCancel: true,
  version: 1,
  preview: null,
};

const head = { id: "head", role: "department_head", doctorId: "h" };
const admin = { id: "admin", role: "admin", doctorId: null };
const alder = { id: "alder", role: "department_head", doctorId: "d" };

describe("who decides about leave", () => {
  it("is the head or an admin", () => {
    expect(whyNotDecide(REQUEST, head)).toBeNull();
    expect(whyNotDecide(REQUEST, admin)).toBeNull();
    expect(whyNotDecide(REQUEST, { ...head, role: "receptionist" })).toMatch(/Only the/);
  });

  it("is never the one who goes or who asked", () => {
    expect(whyNotDecide(REQUEST, alder)).toMatch(/your own leave/);
    expect(whyNotDecide(REQUEST, { ...alder, id: "other" })).toMatch(/your own leave/);
    expect(whyNotDecide(REQUEST, { ...alder, doctorId: null })).toMatch(/You made this/);
  });

  it("is nobody once it is decided", () => {
    expect(whyNotDecide({ ...REQUEST, status: "rejected" }, admin)).toMatch(/decided/);
  });
});

describe("the dates of leave", () => {
  it("read as days, or as hours of one", () => {
    expect(leaveDates(REQUEST)).toBe("Mon 23 Nov – Fri 27 Nov");
    const part = { ...REQUEST, last: REQUEST.first, start: "09:00", end: "12:00" };
    expect(leaveDates(part)).toBe("Mon 23 Nov, 09:00–12:00");
    expect(leaveDates({ ...part, start: null, end: null })).toBe("Mon 23 Nov");
  });
});

describe("a request", () => {
  const form = { first: "2026-11-23", last: "2026-11-27", partOfDay: false, start: "", end: "" };
  const today = "2026-11-20";

  it("that is right has no faults", () => {
    expect(leaveFaults(form, today)).toEqual({});
    const hours = { ...form, last: "", partOfDay: true, start: "09:00", end: "12:00" };
    expect(leaveFaults(hours, today)).toEqual({});
  });

  it.each([
    [{ first: "" }, "first"],
    [{ first: "2026-10-19" }, "first"],
    [{ last: "2026-11-22" }, "last"],
    [{ last: "" }, "last"],
    [{ partOfDay: true, start: "12:00", end: "09:00" }, "end"],
    [{ partOfDay: true, end: "09:00" }, "start"],
  ])("names the field that is wrong: %o", (wrong, field) => {
    expect(Object.keys(leaveFaults({ ...form, ...wrong }, today))).toEqual([field]);
  });
});

it("says what became of a request", () => {
  const decided = {
    ...REQUEST,
    status: "rejected" as const,
    decidedBy: { id: "h", name: "Ines Falk" },
    decidedAt: "2026-11-02T08:00:00Z",
    decisionReason: "Two others are away",
  };
  expect(decisionWords(decided)).toBe("Rejected by Ines Falk on 2 Nov: Two others are away");
});
