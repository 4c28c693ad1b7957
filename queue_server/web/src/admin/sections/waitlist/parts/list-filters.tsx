import { STATUS_WORDS, URGENCY_WORDS } from "../../../../waitlist/model/words";
import { clinicFilter, filterBy } from "../../../state/address";
import { SORTS } from "../model/oversight";
import { useNames } from "../state/names";

const ENDED = ["promoted", "expired", "cancelled"] as const;

/** Whom to show and in which order; it stands in the address. */
export function ListFilters({ filters }: { filters: URLSearchParams }) {
  const names = useNames(clinicFilter.value);
  const isEnded = Boolean(filters.get("status"));
  return (
    <div class="filters">
      <Choice
        label="Who"
        name="status"
        filters={filters}
        options={[
          { value: "", label: "Who waits" },
          ...ENDED.map((value) => ({ value, label: STATUS_WORDS[value] })),
        ]}
      />
      {!isEnded && (
        <>
          <label class="filter-wide">
            <span class="filter-label">Name, phone or note</span>
            <input
              type="search"
              value={filters.get("q") ?? ""}
              onInput={(event) => filterBy({ q: event.currentTarget.value })}
            />
          </label>
          <Choice
            label="Urgency"
            name="urgency"
            filters={filters}
            options={[
              { value: "", label: "Any" },
              ...Object.entries(URGENCY_WORDS).map(([value, label]) => ({ value, label })),
            ]}
          />
          <Choice
            label="Waits for"
            name="doctor"
            filters={filters}
            options={[
              { value: "", label: "Any of them" },
              { value: "any", label: "Whoever is free" },
              ...[...names].map(([value, label]) => ({ value, label })),
            ]}
          />
          <Choice label="Sorted by" name="sort" filters={filters} options={SORTS} />
        </>
      )}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  name: string;
  filters: URLSearchParams;
  options: readonly { value: string; label: string }[];
}

function Choice({ label, name, filters, options }: ChoiceProps) {
  const chosen = filters.get(name) ?? options[0]?.value ?? "";
  return (
    <label>
      <span class="filter-label">{label}</span>
      <select value={chosen} onChange={(event) => filterBy({ [name]: event.currentTarget.value })}>
        {options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === chosen}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}
