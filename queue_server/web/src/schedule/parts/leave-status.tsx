import { STATUS } from "../model/leave";
import type { LeaveStatus } from "../wire";

/** Where a request stands, by shape and word. */
export function LeaveStatusChip({ status }: { status: LeaveStatus }) {
  const { shape, word, tone } = STATUS[status];
  return (
    <span class={`chip chip-${tone}`}>
      <span aria-hidden="true">{shape}</span> {word}
    </span>
  );
}
