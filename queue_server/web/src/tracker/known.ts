import type { AppointmentView, NoticeView, QueueView, TrackedView } from "../generated/contract";

/** What the page knows: the newest view, and nothing older ever again. */
export interface Known {
  appointment: AppointmentView;
  queue: QueueView;
}

/**
 * Take a queue that was pushed; returns whether it told anything new. The same version comes again
 * when time alone has changed something.
 */
export function takeUpdate(known: Known, queue: QueueView): boolean {
  if (compare(queue, known.queue) < 0) return false;
  known.queue = queue;
  return true;
}

/**
 * Take a whole view that was asked for. The same version may tell a fresher estimate; another
 * doctor's queue counts versions of its own.
 */
export function takeView(known: Known, view: TrackedView): boolean {
  const isSameQueue = view.appointment.doctor.id === known.appointment.doctor.id;
  if (isSameQueue && compare(view.queue, known.queue) < 0) return false;
  Object.assign(known, view);
  return true;
}

/** Take a broadcast that comes before the view that will contain it. */
export function takeNotice(known: Known, notice: NoticeView): boolean {
  const held = known.queue.notices;
  if (held.some((one) => one.broadcastId === notice.broadcastId)) return false;
  known.queue = { ...known.queue, notices: [...held, notice] };
  return true;
}

function compare(one: QueueView, other: QueueView): number {
  return one.epoch - other.epoch || one.version - other.version;
}
