import type { ChangeView } from "../../generated/contract";
import { shortDate, wallClock, wallTime } from "./wall-time";

/** "Ada Falk changed it on Mon 23 Nov, 09:15,": the last one who did; empty where that is not told. */
export function lastChangedBy(changes: readonly ChangeView[] | undefined, zone: string): string {
  const last = changes?.at(-1);
  if (!last) return "";
  const { date, minutes } = wallClock(last.at, zone);
  return `${last.by?.name || "Somebody"} changed it on ${shortDate(date)}, ${wallTime(minutes)},`;
}
