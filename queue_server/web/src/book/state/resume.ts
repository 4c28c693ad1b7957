import type { HoldView } from "../../generated/contract";
import { act, isRefusal } from "../../patient/api";
import { book, isBooking, wasSent } from "./booking";
import { type Held, held, isSure, lose } from "./hold";

/**
 * Ask the server about what a reload has kept: whether it is held still, and for how long. Where a
 * booking of it was sent and no answer came, that answer is asked for: it may be booked.
 */
export async function resume(): Promise<void> {
  const mine = held.value;
  if (!mine) return;
  try {
    const path = `/api/slots/${mine.slot.id}/hold`;
    const { data } = await act<HoldView>(path, {}, mine.asGuest);
    if (isStill(mine)) held.value = { ...mine, ...data };
  } catch (error) {
    if (isStill(mine) && isRefusal(error, "not_found")) await end(mine);
  } finally {
    isSure.value = true;
  }
}

/** Meanwhile it may have been booked, given up or taken anew. */
function isStill(mine: Held): boolean {
  return held.value?.holdId === mine.holdId && !isBooking.value;
}

async function end(mine: Held): Promise<void> {
  if (wasSent(mine)) await book();
  else await lose(mine, "expired");
}
