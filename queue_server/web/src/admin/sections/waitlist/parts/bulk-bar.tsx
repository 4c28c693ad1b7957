import { useEffect, useState } from "preact/hooks";
import type { StaffEntryView } from "../../../../generated/contract";
import { counted } from "../../../../schedule/model/preview-words";
import { announce } from "../../../../shared/announce";
import type { Change } from "../../../../waitlist/model/order";
import { tallyWords } from "../model/oversight";
import { forgetOutcomes, outcomes, runAll } from "../state/bulk";
import { BulkDialog } from "./bulk-dialog";
import { WriteDialog } from "./write-dialog";

interface BulkBarProps {
  entries: readonly StaffEntryView[];
  total: number;
  chosen: ReadonlySet<string>;
  choose: (chosen: ReadonlySet<string>) => void;
  reload: () => Promise<void>;
}

/** What is done with all who are chosen; what became of each stands in its row. */
export function BulkBar({ entries, total, chosen, choose, reload }: BulkBarProps) {
  const [asking, ask] = useState<"defer" | "cancel" | "write" | null>(null);
  const picked = entries.filter(({ id }) => chosen.has(id));
  const isAll = entries.length > 0 && picked.length === entries.length;
  const told = outcomes.value;
  useEffect(() => forgetOutcomes, []);
  const run = async (changeOf: (entry: StaffEntryView) => Change): Promise<void> => {
    ask(null);
    await runAll(picked, changeOf);
    await reload();
    announce(tallyWords(outcomes.peek()));
  };
  return (
    <div class="selection" role="toolbar" aria-label="Selected entries">
      <label class="check">
        <input
          type="checkbox"
          checked={isAll}
          onChange={() => choose(new Set(isAll ? [] : entries.map(({ id }) => id)))}
        />
        {entries.length === total ? `All ${total}` : `${entries.length} of ${total}`}
      </label>
      <button type="button" disabled={picked.length === 0} onClick={() => ask("defer")}>
        {picked.length === 0 ? "Defer…" : `Defer ${counted(picked.length, "patient")}…`}
      </button>
      <button
        type="button"
        disabled={!picked.some(({ status }) => status === "deferred")}
        onClick={() => void run(() => ({ kind: "resume" }))}
      >
        Let wait again
      </button>
      <button type="button" disabled={picked.length === 0} onClick={() => ask("write")}>
        Write to them…
      </button>
      <button
        type="button"
        class="danger"
        disabled={picked.length === 0}
        onClick={() => ask("cancel")}
      >
        Take off the list…
      </button>
      {told.size > 0 && (
        <p class="bulk-tally" role="status">
          {tallyWords(told)}
        </p>
      )}
      {asking === "write" && picked.length > 0 && (
        <WriteDialog entries={picked} onClose={() => ask(null)} />
      )}
      {asking && asking !== "write" && picked.length > 0 && (
        <BulkDialog
          kind={asking}
          entries={picked}
          onChosen={(changeOf) => void run(changeOf)}
          onClose={() => ask(null)}
        />
      )}
    </div>
  );
}
