import { effect } from "@preact/signals";
import { isLive, presence, socket } from "./live";
import { laneId } from "./selection";

/** The names of other desks that work on a lane. */
export function desksAt(doctorId: string): string[] {
  return presence.value.get(doctorId) ?? [];
}

/** Tell the other desks which lane this one works on. */
export function tellPresence(): void {
  effect(() => {
    if (isLive.value) socket.value?.focus(laneId.value);
  });
}
