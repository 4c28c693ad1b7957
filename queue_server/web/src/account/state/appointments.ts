import type { BookedAppointmentView } from "../../generated/contract";

const AHEAD: readonly string[] = ["expected", "waiting", "called", "in_consultation"];

export interface Sorted {
  upcoming: BookedAppointmentView[];
  past: BookedAppointmentView[];
}

/** What is to come, the soonest first, and what is over, the latest first. */
export function sorted(all: readonly BookedAppointmentView[]): Sorted {
  const start = (one: BookedAppointmentView) => Date.parse(one.appointment.start);
  const isAhead = (one: BookedAppointmentView) => AHEAD.includes(one.state);
  return {
    upcoming: all.filter(isAhead).sort((one, other) => start(one) - start(other)),
    past: all.filter((one) => !isAhead(one)).sort((one, other) => start(other) - start(one)),
  };
}

/** The path of an appointment's tracker on this site. */
export function trackerOf(one: BookedAppointmentView): string {
  return new URL(one.trackingUrl).pathname;
}

/** The address of an appointment's calendar file, by the path of its tracker. */
export function calendarOf(tracker: string): string {
  return `/api/appointments/track/${tracker.split("/")[2]}/calendar.ics`;
}
