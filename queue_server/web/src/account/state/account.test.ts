import { describe, expect, it } from "vitest";
import type { BookedAppointmentView } from "../../generated/contract";
import { calendarOf, sorted, trackerOf } from "./appointments";
import { qrOf, webcalOf } from "./feeds";
import { pathOf, SECTIONS, sectionOf } from "./sections";

function booked(id: string, start: string, state: string): BookedAppointmentView {
  return { appointment: { id, start }, state } as BookedAppointmentView;
}

describe("appointments", () => {
  it("to come begin with the soonest, those that are over with the latest", () => {
    const { upcoming, past } = sorted([
      booked("far", "2026-05-01T09:00:00Z", "expected"),
      booked("long ago", "2025-05-01T09:00:00Z", "completed"),
      booked("now", "2026-03-02T09:00:00Z", "called"),
      booked("given up", "2026-04-01T09:00:00Z", "cancelled"),
    ]);
    expect(upcoming.map((one) => one.appointment.id)).toEqual(["now", "far"]);
    expect(past.map((one) => one.appointment.id)).toEqual(["given up", "long ago"]);
  });

  it("are followed on the site that is open", () => {
    const one = { trackingUrl: "https://queue.example/t/abc" } as BookedAppointmentView;
    expect(trackerOf(one)).toBe("/t/abc");
    expect(calendarOf(trackerOf(one))).toBe("/api/appointments/track/abc/calendar.ics");
  });
});

describe("the address of a calendar", () => {
  const url = "https://queue.example/api/calendar/abc-_9==.ics";

  it("is one that calendars subscribe to, and a picture on the site that is open", () => {
    expect(webcalOf(url)).toBe("webcal://queue.example/api/calendar/abc-_9==.ics");
    expect(qrOf(url)).toBe("/calendar/abc-_9==/qr.svg");
  });
});

describe("the sections of an account", () => {
  it("have addresses", () => {
    for (const one of SECTIONS) expect(sectionOf(pathOf(one))).toBe(one);
    expect(sectionOf("/account")).toBe("appointments");
    expect(sectionOf("/account/nonsense")).toBe("appointments");
  });
});
