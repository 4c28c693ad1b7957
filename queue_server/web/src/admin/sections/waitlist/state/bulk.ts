import { signal } from "@preact/signals";
import type { StaffEntryView } from "../../../../generated/contract";
import type { Change } from "../../../../waitlist/model/order";
import { waitlistRefusal } from "../../../../waitlist/model/refusals";
import { send } from "../../../../waitlist/state/list";
import { inTurn, type Outcome } from "../model/oversight";

/** What became of each of those with whom something was done last, by id. */
export const outcomes = signal<ReadonlyMap<string, Outcome>>(new Map());

const AT_ONCE = 3;

/** Do the same with many; what is refused says why in its row, and the others are done. */
export async function runAll(
  entries: readonly StaffEntryView[],
  changeOf: (entry: StaffEntryView) => Change,
): Promise<void> {
  outcomes.value = new Map(entries.map(({ id }) => [id, { state: "working" }]));
  await inTurn(entries, AT_ONCE, async (entry) => {
    try {
      await send(entry, changeOf(entry));
      tell(entry.id, { state: "done" });
    } catch (error) {
      tell(entry.id, { state: "refused", why: waitlistRefusal(error as Error) });
    }
  });
}

/** Forget what became of them. */
export function forgetOutcomes(): void {
  outcomes.value = new Map();
}

function tell(id: string, outcome: Outcome): void {
  outcomes.value = new Map(outcomes.value).set(id, outcome);
}
