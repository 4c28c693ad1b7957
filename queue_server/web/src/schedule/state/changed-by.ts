import { list } from "../../staff/rest";
import { shortDate, wallClock, wallTime } from "../model/wall-time";

interface Audited {
  type: string;
  occurredAt: string;
  actor: { name?: string | null } | null;
  data: Record<string, unknown>;
}

/**
 * "Ada Falk changed it on Mon 23 Nov, 09:15": the last one who changed a schedule, as the audit
 * tells. Empty where the account may not read the audit.
 */
export async function lastChangedBy(scheduleId: string, zone: string): Promise<string> {
  try {
    const { items } = await list<Audited>("/api/audit?limit=50");
    const found = items.find((one) => one.data.schedule === scheduleId);
    if (!found?.actor?.name) return "";
    const { date, minutes } = wallClock(found.occurredAt, zone);
    return `${found.actor.name} changed it on ${shortDate(date)}, ${wallTime(minutes)},`;
  } catch {
    return "";
  }
}
