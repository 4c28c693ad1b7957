import { byCause, groupWords } from "../../../schedule/model/calendar";
import { Affected } from "../../../schedule/parts/affected";
import type { SlotConflict } from "../../../schedule/wire";
import { useResource } from "../../../staff/resource";
import { get, query } from "../../../staff/rest";
import { Empty, Loaded } from "../../../staff/states";

/** Booked appointments whose time is closed by now: work for reception. */
export function Conflicts({ clinicId }: { clinicId: string | null }) {
  const path = `/api/slot-conflicts${query({ clinicId })}`;
  const conflicts = useResource(path, () => get<SlotConflict[]>(path));
  return (
    <Loaded of={conflicts} what="the appointments">
      {(found) =>
        found.length === 0 ? (
          <Empty title="Every booked appointment keeps its time">
            <p>When leave or a closed stretch hits one, it appears here with a new time.</p>
          </Empty>
        ) : (
          <div class="conflicts">
            {byCause(found).map((group) => (
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
            <p class="hint">
              Tell each patient and agree on a time; nothing moves until that is done.
            </p>
          </div>
        )
      }
    </Loaded>
  );
}
