import type { RoomAssignmentView, RoomView } from "../../../../generated/contract";

/** Whose room it is on a date of the clinic. */
export function assignedOn(
  room: Pick<RoomView, "assignments">,
  date: string,
): RoomAssignmentView | undefined {
  return room.assignments.find(
    ({ from, until }) => from <= date && (until === null || date <= until),
  );
}

/** All assignments, the newest first. */
export function history(room: Pick<RoomView, "assignments">): RoomAssignmentView[] {
  return [...room.assignments].sort((one, other) => other.from.localeCompare(one.from));
}
