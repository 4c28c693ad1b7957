import { effect } from "@preact/signals";
import type { StaffQueue } from "../../generated/contract";
import { isLive, presence, socket, watchers } from "./live";
import { laneId } from "./selection";

/** The names of other desks that work on a lane. */
export function desksAt(doctorId: string): string[] {
  return presence.value.get(doctorId) ?? [];
}

/** How many phones follow a queue, over all servers; undefined until that was told. */
export function phonesAt(queue: StaffQueue): number | undefined {
  const told = watchers.value.get(queue.doctorId);
  return told?.date === queue.date ? told.phones : undefined;
}

/** Whether somebody follows an entry on a phone. */
export function isFollowed(queue: StaffQueue, entryId: string): boolean {
  const told = watchers.value.get(queue.doctorId);
  return told?.date === queue.date && told.entries?.includes(entryId) === true;
}

/** Tell the other desks which lane this one works on. */
export function tellPresence(): void {
  effect(() => {
    if (isLive.value) socket.value?.focus(laneId.value);
  });
}
