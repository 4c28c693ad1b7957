import type { StaffQueue } from "../../generated/contract";
import { clockTime } from "../../shared/time";

/** The messages that patients of this lane see right now. */
export function Notices({ queue }: { queue: StaffQueue }) {
  const { notices, timezone } = queue.header;
  return (
    <>
      {notices.map((notice) => (
        <p key={notice.broadcastId} class={`notice notice-${notice.priority}`}>
          <strong>Patients read:</strong> {notice.message}
          {notice.estimatedDelay !== null && ` (${notice.estimatedDelay} min delay)`}
          <span class="notice-time"> since {clockTime(notice.issuedAt, timezone)}</span>
        </p>
      ))}
    </>
  );
}
