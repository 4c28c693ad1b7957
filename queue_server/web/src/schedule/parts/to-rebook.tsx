import { AsOf } from "../../staff/as-of";
import { useResource } from "../../staff/resource";
import { type Listed, list, query } from "../../staff/rest";
import { Empty, Loaded } from "../../staff/states";
import { byCause, groupWords } from "../model/calendar";
import type { SlotConflict } from "../wire";
import { Affected } from "./affected";
import "../to-rebook.css";

/** Booked appointments whose time is closed by now: work for reception. */
export function ToRebook({ clinicId }: { clinicId: string | null }) {
  const path = `/api/slot-conflicts${query({ clinicId })}`;
  const conflicts = useResource(path, () => list<SlotConflict>(path));
  return (
    <>
      <AsOf of={conflicts} />
      <Loaded of={conflicts} what="the appointments">
        {(found) => (found.items.length === 0 ? <NothingToDo /> : <Groups found={found} />)}
      </Loaded>
    </>
  );
}

function NothingToDo() {
  return (
    <Empty title="Every booked appointment keeps its time">
      <p>When leave or a closed stretch hits one, it appears here with a new time.</p>
    </Empty>
  );
}

function Groups({ found: { items, total } }: { found: Listed<SlotConflict> }) {
  return (
    <div class="to-rebook">
      <p class="hint">
        Call each patient and agree on a time. Book them there, and cancel the old appointment;
        nothing moves by itself.
      </p>
      {byCause(items).map((group) => (
        <section key={group.key} class="card" aria-label={groupWords(group)}>
          <header>
            <h2>{groupWords(group)}</h2>
            <p class="hint">
              {group.conflicts[0]?.doctorName} · {group.explanation}
            </p>
          </header>
          <Affected hits={group.conflicts} label="Appointments and suggested times" />
        </section>
      ))}
      {total > items.length && (
        <p class="hint">
          These are the next {items.length} of {total}; the others follow when some are done.
        </p>
      )}
    </div>
  );
}
