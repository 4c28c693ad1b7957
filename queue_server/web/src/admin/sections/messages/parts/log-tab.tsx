import type { MessageView } from "../../../../generated/contract";
import { usePages } from "../../../../staff/pages";
import { query } from "../../../../staff/rest";
import { Empty, Failure, Loading } from "../../../../staff/states";
import { clinicFilter, filterBy } from "../../../state/address";
import { CHANNEL_WORDS, KIND_WORDS, STATE_WORDS } from "../model/words";
import { MessageTable } from "./message-table";

const FILTERS = [
  { name: "state", label: "What became of it", words: STATE_WORDS },
  { name: "kind", label: "About", words: KIND_WORDS },
  { name: "channel", label: "Through", words: CHANNEL_WORDS },
] as const;

/** What was sent to whom, the newest first; never what it said. */
export function LogTab({ filters }: { filters: URLSearchParams }) {
  const wanted = Object.fromEntries(FILTERS.map(({ name }) => [name, filters.get(name)]));
  const path = `/api/messages${query({ ...wanted, clinicId: clinicFilter.value, limit: 50 })}`;
  const pages = usePages<MessageView>(path);
  return (
    <>
      <div class="filters">
        {FILTERS.map(({ name, label, words }) => (
          <label key={name}>
            <span class="filter-label">{label}</span>
            <select
              value={filters.get(name) ?? ""}
              onChange={(event) => filterBy({ [name]: event.currentTarget.value })}
            >
              <option value="">Any</option>
              {Object.entries(words).map(([value, text]) => (
                <option key={value} value={value} selected={value === filters.get(name)}>
                  {text}
                </option>
              ))}
            </select>
          </label>
        ))}
        <div class="filters-end">
          <button type="button" onClick={() => void pages.reload()}>
            Read again
          </button>
        </div>
      </div>
      <Found pages={pages} />
    </>
  );
}

function Found({ pages }: { pages: ReturnType<typeof usePages<MessageView>> }) {
  if (pages.items === null)
    return pages.failure ? (
      <Failure what="the messages" error={pages.failure} retry={() => void pages.reload()} />
    ) : (
      <Loading what="the messages" />
    );
  if (pages.items.length === 0)
    return (
      <Empty title="No messages">
        <p>
          Messages appear here when somebody books, joins the waitlist or is called. Choose other
          filters to see others.
        </p>
      </Empty>
    );
  return (
    <>
      {pages.failure && (
        <p class="failure" role="alert">
          Could not read more: {pages.failure.message}
        </p>
      )}
      <MessageTable messages={pages.items} />
      {pages.hasMore && (
        <p class="list-foot">
          <button type="button" disabled={pages.isLoading} onClick={() => void pages.more()}>
            Show more
          </button>
        </p>
      )}
    </>
  );
}
