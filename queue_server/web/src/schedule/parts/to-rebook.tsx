import type { ComponentChildren } from "preact";
import { AsOf } from "../../staff/as-of";
import { useResource } from "../../staff/resource";
import { type Listed, list, query } from "../../staff/rest";
import { Empty, Loaded } from "../../staff/states";
import { byCause, type ConflictGroup, groupWords } from "../model/calendar";
import type { SlotConflict } from "../wire";
import { Affected } from "./affected";
import "../to-rebook.css";

/** What reception can do here; `reload` reads the list again. */
export interface Rebooking {
  about: (conflict: SlotConflict, reload: () => Promise<void>) => ComponentChildren;
  aboutAll: (group: ConflictGroup, reload: () => Promise<void>) => ComponentChildren;
}

interface ToRebookProps {
  clinicId: string | null;
  /** Left out where the list is only read. */
  rebooking?: Rebooking;
}

/** Booked appointments whose time is closed by now: work for reception. */
export function ToRebook({ clinicId, rebooking }: ToRebookProps) {
  const path = `/api/slot-conflicts${query({ clinicId })}`;
  const conflicts = useResource(path, () => list<SlotConflict>(path));
  return (
    <>
      <AsOf of={conflicts} />
      <Loaded of={conflicts} what="the appointments">
        {(found) =>
          found.items.length === 0 ? (
            <NothingToDo />
          ) : (
            <Groups found={found} rebooking={rebooking} reload={conflicts.reload} />
          )
        }
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

interface GroupsProps {
  found: Listed<SlotConflict>;
  rebooking: Rebooking | undefined;
  reload: () => Promise<void>;
}

function Groups({ found: { items, total }, rebooking, reload }: GroupsProps) {
  const about = rebooking && ((one: SlotConflict) => rebooking.about(one, reload));
  return (
    <div class="to-rebook">
      <p class="hint">
        {rebooking
          ? "Agree on a time with each patient. One press takes the suggested time; the old one goes."
          : "Reception gives each of them another time, under To rebook at the desk."}
      </p>
      {byCause(items).map((group) => (
        <section key={group.key} class="card" aria-label={groupWords(group)}>
          <header>
            <h2>{groupWords(group)}</h2>
            <p class="hint">
              {group.conflicts[0]?.doctorName} · {group.explanation}
            </p>
            {rebooking?.aboutAll(group, reload)}
          </header>
          <Affected
            hits={group.conflicts}
            label="Appointments and suggested times"
            action={about}
          />
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
