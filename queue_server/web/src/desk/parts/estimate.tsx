import type { StaffEntry } from "../../generated/contract";
import { clockTime } from "../../shared/time";

/** The minutes until the consultation, with range and clock time on hover. */
export function Estimate({ entry, zone }: { entry: StaffEntry; zone: string }) {
  if (entry.estimatedWaitTime === null) return <span class="estimate estimate-none">–</span>;
  const range = entry.estimatedWaitRange;
  const at = entry.estimatedStartAt
    ? ` Starts about ${clockTime(entry.estimatedStartAt, zone)}.`
    : "";
  const spread = range ? `Between ${range.p50} and ${range.p90} minutes.` : "";
  return (
    <span class="estimate" title={`${spread}${at}`}>
      {entry.estimatedWaitTime} min
    </span>
  );
}
