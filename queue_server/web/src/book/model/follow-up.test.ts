import { expect, it } from "vitest";
import type { BookedAppointmentView } from "../../generated/contract";
import { earlierVisits } from "./follow-up";

function booked(
  id: string,
  date: string,
  { doctor = "mehta", patient = "deepa", state = "completed" } = {},
): BookedAppointmentView {
  const start = `${date}T09:00:00Z`;
  const clinic = { timezone: "Asia/Kolkata" };
  const appointment = { id, start, clinic, doctor: { id: doctor, name: `Dr ${doctor}` } };
  return { appointment, patientId: patient, state } as unknown as BookedAppointmentView;
}

function followed(...all: BookedAppointmentView[]): string[] {
  return earlierVisits(all, "deepa", "mehta").map(({ id }) => id);
}

it("follows up what took place, not what is to come, was cancelled or missed", () => {
  const states = ["expected", "waiting", "called", "in_consultation", "no_show", "cancelled"];
  const others = states.map((state) => booked(state, "2026-02-02", { state }));
  expect(followed(booked("seen", "2026-02-01"), ...others)).toEqual(["seen"]);
});

it("follows up nobody else's visit", () => {
  expect(followed(booked("daughter's", "2026-02-01", { patient: "mira" }))).toEqual([]);
});

it("follows up the latest visit with the same doctor before any with another one", () => {
  const all = [
    booked("long ago", "2024-02-01"),
    booked("elsewhere", "2026-02-20", { doctor: "haddad" }),
    booked("lately", "2026-02-01"),
  ];
  expect(followed(...all)).toEqual(["lately", "long ago", "elsewhere"]);
});

it("knows when the visit was by its own clinic's clock, and with whom", () => {
  expect(earlierVisits([booked("a", "2026-02-01")], "deepa", "mehta")).toEqual([
    {
      id: "a",
      start: "2026-02-01T09:00:00Z",
      timezone: "Asia/Kolkata",
      doctorId: "mehta",
      doctorName: "Dr mehta",
    },
  ]);
});
