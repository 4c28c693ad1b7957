import type { RoomAssignmentView, RoomView } from "../../../../generated/contract";
import { localDate } from "../../../../shared/dates";
import { clinicOf } from "../../../../staff/directory";

/** Whose room it is on a date (by the clinic's clock, today unless told). */
export function assignedNow(
  room: Pick<RoomView, "assignments" | "clinicId">,
  date: string = localDate(clinicOf(room.clinicId)?.timezone ?? "UTC"),
): RoomAssignmentView | undefined {
  return room.assignments.find(
    ({ from, until }) => from <= date && (until === null || date <= until),
  );
}

/** All assignments, the newest first. */
export function history(room: Pick<RoomView, "assignments">): RoomAssignmentView[] {
  return [...room.assignments].sort((one, other) => other.from.localeCompare(one.from));
}
