import { useEffect, useId, useMemo, useState } from "preact/hooks";
import type { DoctorDetail } from "../../../generated/contract";
import { follow } from "../../../shared/route";
import { account } from "../../../staff/account";
import { clinicName, departments } from "../../../staff/directory";
import { codeFor, codeOf, languageName, languages, spelled } from "../../../staff/model/names";
import { type Pages, usePages } from "../../../staff/pages";
import { query as queryOf } from "../../../staff/rest";
import { Empty, Failure, Loading } from "../../../staff/states";
import { Page } from "../../parts/page";
import { address, clinicFilter, filterBy } from "../../state/address";
import { DOCTOR_STATUS, statusTone } from "./model/status";
import { COMMON_SPECIALTIES } from "./parts/code-fields";
import { Meter } from "./parts/meter";

const MAKERS = /^(receptionist|admin|platform_admin)$/;
const FILTERS = ["q", "status", "specialty", "departmentId", "mode", "language"] as const;

/** All doctors of the organisation, narrowed by what stands in the address. */
export function DoctorList({ query }: { query: URLSearchParams }) {
  const wanted = Object.fromEntries(FILTERS.map((name) => [name, query.get(name)]));
  const found = usePages<DoctorDetail>(
    `/api/doctors${queryOf({ ...wanted, clinicId: clinicFilter.value, limit: 50 })}`,
  );
  const isNarrowed = FILTERS.some((name) => query.get(name)) || clinicFilter.value !== null;
  const isEmpty = found.items?.length === 0 && !isNarrowed;
  const mayAdd = MAKERS.test(account.value?.role ?? "");
  return (
    <Page
      title="Doctors"
      lead="Whoever is onboarded, bookable or has left."
      actions={
        mayAdd &&
        !isEmpty && (
          <a class="button primary" href={address("doctors/new")} onClick={follow}>
            New doctor
          </a>
        )
      }
    >
      {!isEmpty && <Filters query={query} />}
      <Results found={found} isNarrowed={isNarrowed} />
    </Page>
  );
}

function Filters({ query }: { query: URLSearchParams }) {
  const wanted = query.get("q") ?? "";
  const [typed, setTyped] = useState(wanted);
  useEffect(() => {
    // Filters that were taken away elsewhere do not stay as if they narrowed the list.
    if (typed.trim() !== wanted) setTyped(wanted);
  }, [wanted]);
  useEffect(() => {
    if (typed.trim() === wanted) return;
    const later = setTimeout(() => filterBy({ q: typed.trim() }), 250);
    return () => clearTimeout(later);
  }, [typed]);
  const known = useMemo(() => languages(), []);
  const select = (name: string, label: string, options: readonly (readonly [string, string])[]) => (
    <label>
      <span class="filter-label">{label}</span>
      <select
        value={query.get(name) ?? ""}
        onChange={(event) => filterBy({ [name]: event.currentTarget.value })}
      >
        <option value="">Any</option>
        {options.map(([value, text]) => (
          <option key={value} value={value} selected={value === query.get(name)}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <search class="filters">
      <label class="filter-wide">
        <span class="filter-label">Name</span>
        <input
          type="search"
          value={typed}
          placeholder="Part of a name"
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      {select("status", "Status", Object.entries(DOCTOR_STATUS))}
      {select(
        "departmentId",
        "Department",
        (departments.value ?? []).map(({ id, name }) => [id, name] as const),
      )}
      {select("mode", "Visits", [
        ["in_person", "In person"],
        ["tele", "By video"],
      ])}
      <CodeFilter
        key={`specialty ${query.get("specialty")}`}
        name="specialty"
        label="Specialty"
        code={query.get("specialty") ?? ""}
        toCode={codeFor}
        shown={spelled}
        suggestions={COMMON_SPECIALTIES}
      />
      <CodeFilter
        key={`language ${query.get("language")}`}
        name="language"
        label="Language"
        code={query.get("language") ?? ""}
        toCode={(typed) => codeOf(typed, known) ?? ""}
        shown={(tag) => tag && languageName(tag)}
        suggestions={known.map(({ name }) => name)}
      />
    </search>
  );
}

interface CodeFilterProps {
  name: string;
  label: string;
  code: string;
  /** The code of what was typed; empty when there is none. */
  toCode: (typed: string) => string;
  shown: (code: string) => string;
  suggestions: readonly string[];
}

function CodeFilter({ name, label, code, toCode, shown, suggestions }: CodeFilterProps) {
  const choices = useId();
  const take = (input: HTMLInputElement): void => {
    const wanted = toCode(input.value);
    if (wanted !== code) filterBy({ [name]: wanted });
    // What means nothing does not stay as if it narrowed the list.
    else input.value = shown(code);
  };
  return (
    <label>
      <span class="filter-label">{label}</span>
      <input
        type="search"
        defaultValue={shown(code)}
        placeholder="Any"
        list={choices}
        onChange={(event) => take(event.currentTarget)}
      />
      <datalist id={choices}>
        {suggestions.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </label>
  );
}

function Results({ found, isNarrowed }: { found: Pages<DoctorDetail>; isNarrowed: boolean }) {
  const { items, failure, isLoading, hasMore, more, reload } = found;
  if (failure) return <Failure what="the doctors" error={failure} retry={() => void reload()} />;
  if (items === null) return <Loading what="the doctors" />;
  if (items.length === 0) return <NoDoctors isNarrowed={isNarrowed} />;
  return (
    <>
      <div class="table-frame" aria-busy={isLoading}>
        <table class="table stacked">
          <caption class="sr-only">Doctors</caption>
          <thead>
            <tr>
              <th scope="col">Doctor</th>
              <th scope="col">Status</th>
              <th scope="col">Onboarding</th>
              <th scope="col">Score</th>
              <th scope="col">Clinics</th>
              <th scope="col">Languages</th>
            </tr>
          </thead>
          <tbody>
            {items.map((doctor) => (
              <Row key={doctor.id} doctor={doctor} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="list-foot" role="status">
        {items.length} {items.length === 1 ? "doctor" : "doctors"}
        {hasMore ? " so far." : "."}{" "}
        {hasMore && (
          <button type="button" disabled={isLoading} onClick={() => void more()}>
            {isLoading ? "Loading…" : "Show more"}
          </button>
        )}
      </p>
    </>
  );
}

function Row({ doctor }: { doctor: DoctorDetail }) {
  const { id, name, specialtyLabel, specialties, status, onboardingProgress, score } = doctor;
  const tab = status === "active" || status === "inactive" ? "" : "/onboarding";
  return (
    <tr>
      <th scope="row">
        <a class="row-link" href={address(`doctors/${id}${tab}`)} onClick={follow}>
          {name}
        </a>
        <span class="sub">{specialtyLabel || specialties.map(spelled).join(", ")}</span>
      </th>
      <td>
        <span class={`chip ${statusTone(status)}`}>{DOCTOR_STATUS[status]}</span>
      </td>
      <td>
        <span class="stacked-label">Onboarding </span>
        {status === "active" && onboardingProgress === 0 ? (
          <NotOnboarded />
        ) : (
          <Meter value={onboardingProgress} label={`Onboarding of ${name}`} />
        )}
      </td>
      <td>
        <span class="score-line">
          <span class="stacked-label">Score </span>
          <strong>{score}</strong>
          <span class={doctor.isBookable ? "chip chip-ok" : "chip"}>
            {doctor.isBookable ? "Bookable" : "Not bookable"}
          </span>
        </span>
      </td>
      <td>{doctor.clinicIds.map(clinicName).join(", ")}</td>
      <td>{doctor.languages.map((one) => languageName(one)).join(", ")}</td>
    </tr>
  );
}

/** Whoever was taken on before there were steps, or past them, has none to make. */
function NotOnboarded() {
  return (
    <>
      <span aria-hidden="true">–</span>
      <span class="sr-only">none needed, active already</span>
    </>
  );
}

function NoDoctors({ isNarrowed }: { isNarrowed: boolean }) {
  if (isNarrowed)
    return (
      <Empty title="Nobody fits these filters">
        <button
          type="button"
          onClick={() => filterBy(Object.fromEntries(["clinic", ...FILTERS].map((n) => [n, ""])))}
        >
          Show all doctors
        </button>
      </Empty>
    );
  return (
    <Empty title="There are no doctors yet">
      <p>Add the first one; ten short steps then lead to bookable times.</p>
      <a class="button primary" href={address("doctors/new")} onClick={follow}>
        New doctor
      </a>
    </Empty>
  );
}
