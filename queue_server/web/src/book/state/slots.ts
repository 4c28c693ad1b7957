import type { SlotView } from "../../generated/contract";
import { look } from "../../patient/api";

const PAGE = "200";

export interface Read {
  slots: SlotView[];
  /** Whether there are more behind them. */
  isCut: boolean;
}

/** Slots that can be booked, the soonest first, of so many pages at most. */
export async function slotsOf(query: Record<string, string>, pages = 1): Promise<Read> {
  const slots: SlotView[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < pages; page++) {
    const asked = { ...query, limit: PAGE, ...(cursor && { cursor }) };
    const { data, meta } = await look<SlotView[]>("/api/slots/availability", asked);
    slots.push(...data);
    cursor = cursorOf(meta);
    if (!cursor) break;
  }
  return { slots, isCut: cursor !== null };
}

/** The place behind the last of a page, if there are more. */
export function cursorOf(meta: Record<string, unknown>): string | null {
  return (meta.nextCursor as string | undefined) ?? null;
}
