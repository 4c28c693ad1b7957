import { useEffect, useState } from "preact/hooks";
import type { AccountView } from "../../../generated/contract";
import { follow } from "../../../shared/route";
import { account } from "../../../staff/account";
import { clinicName } from "../../../staff/directory";
import { useResource } from "../../../staff/resource";
import { all } from "../../../staff/rest";
import { Empty, Loaded } from "../../../staff/states";
import { Page } from "../../parts/page";
import { address, clinicFilter, filterBy } from "../../state/address";
import { useDoctorNames } from "../rooms/room-list";
import { fitting, roleName, roleOptions } from "./model/roles";

const STATES = [
  { value: "on", label: "Active" },
  { value: "off", label: "Deactivated" },
];

/** Everybody who can sign in, narrowed by what stands in the address. */
export function StaffList({ query }: { query: URLSearchParams }) {
  const found = useResource("staff", () => all<AccountView>("/api/staff?limit=200"));
  return (
    <Page
      title="Staff"
      lead="Who can sign in, as what, and at which clinics."
      actions={
        <a class="button primary" href={address("staff/new")} onClick={follow}>
          New account
        </a>
      }
    >
      <Filters query={query} />
      <Loaded of={found} what="the accounts">
        {(accounts) => <Results accounts={accounts} query={query} />}
      </Loaded>
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
    const later = setTimeout(() => filterBy({ q: typed.trim() }), 150);
    return () => clearTimeout(later);
  }, [typed]);
  return (
    <search class="filters">
      <label class="filter-wide">
        <span class="filter-label">Name or e-mail</span>
        <input
          type="search"
          value={typed}
          placeholder="Part of it"
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      <Choice
        name="role"
        label="Role"
        query={query}
        options={roleOptions(account.value?.role ?? "admin")}
      />
      <Choice name="state" label="State" query={query} options={STATES} />
    </search>
  );
}

interface ChoiceProps {
  name: string;
  label: string;
  query: URLSearchParams;
  options: readonly { value: string; label: string }[];
}

function Choice({ name, label, query, options }: ChoiceProps) {
  const chosen = query.get(name) ?? "";
  return (
    <label>
      <span class="filter-label">{label}</span>
      <select value={chosen} onChange={(event) => filterBy({ [name]: event.currentTarget.value })}>
        <option value="">Any</option>
        {options.map(({ value, label: text }) => (
          <option key={value} value={value} selected={value === chosen}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

interface ResultsProps {
  accounts: readonly AccountView[];
  query: URLSearchParams;
}

function Results({ accounts, query }: ResultsProps) {
  const doctors = useDoctorNames();
  const shown = fitting(accounts, {
    words: query.get("q") ?? "",
    role: query.get("role") ?? "",
    state: query.get("state") ?? "",
    clinic: clinicFilter.value,
  });
  if (shown.length === 0)
    return (
      <Empty title="No account fits these filters">
        <button type="button" onClick={() => filterBy({ q: "", role: "", state: "", clinic: "" })}>
          Show all accounts
        </button>
      </Empty>
    );
  return (
    <>
      <div class="table-frame">
        <table class="table stacked">
          <caption class="sr-only">Staff accounts</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Role</th>
              <th scope="col">Clinics</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <Row key={one.id} one={one} doctor={doctors.get(one.doctorId ?? "")} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="list-foot" role="status">
        {shown.length === 1 ? "1 account." : `${shown.length} accounts.`}
      </p>
    </>
  );
}

function Row({ one, doctor }: { one: AccountView; doctor: string | undefined }) {
  return (
    <tr>
      <th scope="row">
        <a class="row-link" href={address(`staff/${one.id}`)} onClick={follow}>
          {one.name}
        </a>
        {one.id === account.value?.id && <span class="chip chip-info">You</span>}
        <span class="sub">{one.email}</span>
      </th>
      <td>
        {roleName(one.role)}
        {doctor && <span class="sub">{doctor}</span>}
      </td>
      <td>{one.clinicIds.map(clinicName).join(", ") || "All clinics"}</td>
      <td>
        <span class={one.disabled ? "chip chip-warn" : "chip chip-ok"}>
          {one.disabled ? "Deactivated" : "Active"}
        </span>
      </td>
    </tr>
  );
}
