import type { DisplayQueue, NoticeView } from "../../generated/contract";

/** A broadcast as the waiting room reads it. */
export interface Told {
  message: string;
  priority: NoticeView["priority"];
  issuedAt: string;
  /** Whom it is about; empty when it is about everybody. */
  doctors: string[];
}

/** The broadcasts of all queues, the newest first; one told to several doctors counts once. */
export function noticesOf(queues: DisplayQueue[]): Told[] {
  const told = new Map<string, Told>();
  for (const { header } of queues) {
    for (const { message, priority, issuedAt } of header.notices) {
      const key = `${priority} ${message}`;
      const known = told.get(key);
      const doctors = [...(known?.doctors ?? []), header.doctor.name];
      const latest = known && known.issuedAt > issuedAt ? known.issuedAt : issuedAt;
      told.set(key, { message, priority, issuedAt: latest, doctors });
    }
  }
  return [...told.values()]
    .map((one) => (one.doctors.length === queues.length ? { ...one, doctors: [] } : one))
    .sort((one, other) => other.issuedAt.localeCompare(one.issuedAt));
}

/** So long a broadcast of high priority has the screen to itself. */
const ALONE_MS = 60_000;

/** Whether a broadcast takes the whole screen: a critical one does as long as it is in force. */
export function takesScreen(told: Told, now: number): boolean {
  if (told.priority === "critical") return true;
  return told.priority === "high" && now - Date.parse(told.issuedAt) < ALONE_MS;
}
