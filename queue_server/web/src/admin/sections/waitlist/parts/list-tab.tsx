import { useEffect, useState } from "preact/hooks";
import type { StaffEntryView } from "../../../../generated/contract";
import { clinicName, clinics } from "../../../../staff/directory";
import { usePages } from "../../../../staff/pages";
import { query } from "../../../../staff/rest";
import { Empty, Failure, Loading } from "../../../../staff/states";
import { useTold } from "../../../../waitlist/state/told";
import { useWaitlist } from "../../../../waitlist/state/use-waitlist";
import { clinicFilter, filterBy } from "../../../state/address";
import { narrowed, type Sort } from "../model/oversight";
import { useNames } from "../state/names";
import { BulkBar } from "./bulk-bar";
import { EntryDialog } from "./entry-dialog";
import { EntryTable } from "./entry-table";
import { ListFilters } from "./list-filters";

interface ListTabProps {
  filters: URLSearchParams;
}

/** Who waits at all clinics or at one, to be found, sorted and worked many at a time. */
export function ListTab({ filters }: ListTabProps) {
  const status = filters.get("status") ?? "";
  return (
    <>
      <ListFilters filters={filters} />
      {status === "" ? <Waiting filters={filters} /> : <Ended key={status} status={status} />}
    </>
  );
}

function Waiting({ filters }: ListTabProps) {
  const clinicId = clinicFilter.value;
  const told = useTold(clinicId ? [clinicId] : (clinics.value ?? []).map(({ id }) => id));
  const list = useWaitlist({ clinicId }, told.news, told.isTold);
  const names = useNames(clinicId);
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const [opened, open] = useState<string | null>(null);
  const all = list.entries.value;
  const shown = narrowed(
    all ?? [],
    {
      text: filters.get("q") ?? "",
      urgency: filters.get("urgency") ?? "",
      doctorId: filters.get("doctor") ?? "",
    },
    (filters.get("sort") ?? "place") as Sort,
  );
  useEffect(() => {
    // Who does not wait any more is chosen no more.
    const still = (all ?? []).filter(({ id }) => chosen.has(id)).map(({ id }) => id);
    if (all && still.length < chosen.size) choose(new Set(still));
  }, [all]);
  if (all === null)
    return list.failure.value ? (
      <Failure what="the waitlist" error={list.failure.value} retry={() => void list.reload()} />
    ) : (
      <Loading what="the waitlist" />
    );
  const entry = all.find(({ id }) => id === opened);
  if (all.length === 0)
    return (
      <Empty title="Nobody is waiting">
        <p>
          Patients join when they book and no time suits them, reception adds them at the desk. Who
          has left the list is found by the filter above.
        </p>
      </Empty>
    );
  return (
    <>
      <BulkBar
        entries={shown}
        chosen={chosen}
        choose={choose}
        reload={list.reload}
        total={all.length}
      />
      {shown.length === 0 ? (
        <Empty title="Nobody fits these filters">
          <button
            type="button"
            onClick={() => filterBy({ q: "", urgency: "", doctor: "", status: "" })}
          >
            Show everybody
          </button>
        </Empty>
      ) : (
        <EntryTable
          entries={shown}
          names={names}
          chosen={chosen}
          choose={choose}
          open={({ id }) => open(id)}
        />
      )}
      {entry && (
        <EntryDialog
          entry={entry}
          onChange={(change, words) => void list.run(entry, change, words)}
          onClose={() => open(null)}
        />
      )}
    </>
  );
}

/** Who does not wait any more, the latest first. */
function Ended({ status }: { status: string }) {
  const clinicId = clinicFilter.value;
  const path = `/api/waitlists${query({ clinicId, status, limit: 50 })}`;
  const pages = usePages<StaffEntryView>(path);
  const names = useNames(clinicId);
  const [opened, open] = useState<StaffEntryView | null>(null);
  if (pages.items === null)
    return pages.failure ? (
      <Failure what="the list" error={pages.failure} retry={() => void pages.reload()} />
    ) : (
      <Loading what="the list" />
    );
  if (pages.items.length === 0)
    return (
      <Empty title="Nobody">
        <p>Nobody has left the list this way{clinicId && ` at ${clinicName(clinicId)}`}.</p>
      </Empty>
    );
  return (
    <>
      <EntryTable entries={pages.items} names={names} open={open} />
      {pages.hasMore && (
        <p class="list-foot">
          <button type="button" disabled={pages.isLoading} onClick={() => void pages.more()}>
            Show more
          </button>
        </p>
      )}
      {opened && (
        <EntryDialog entry={opened} onChange={() => undefined} onClose={() => open(null)} />
      )}
    </>
  );
}
