import { account, leave } from "../../staff/account";
import { clinics, directoryFailure, refreshDirectory } from "../../staff/directory";
import { clinicFilter, filterBy } from "../state/address";

/** Where this is, which clinic is looked at, and who looks. */
export function TopBar() {
  const user = account.value;
  return (
    <header class="top-bar">
      <p class="brand">Administration</p>
      <ClinicFilter />
      {directoryFailure.value && (
        <p class="bar-failure" role="alert">
          Clinics could not be loaded.{" "}
          <button type="button" onClick={() => void refreshDirectory()}>
            Try again
          </button>
        </p>
      )}
      <div class="top-actions">
        <a class="button quiet" href="/desk">
          Reception
        </a>
        <span class="bar-user">{user?.name}</span>
        <button type="button" class="quiet" title={user?.email} onClick={leave}>
          Sign out
        </button>
      </div>
    </header>
  );
}

function ClinicFilter() {
  const found = clinics.value ?? [];
  const chosen = clinicFilter.value ?? "";
  if (found.length < 2 && !chosen) return <p class="clinic">{found[0]?.name}</p>;
  return (
    <div class="clinic-filter">
      <select
        aria-label="Clinic"
        value={chosen}
        onChange={(event) => filterBy({ clinic: event.currentTarget.value, cursor: "" })}
      >
        <option value="">All clinics</option>
        {found.map((clinic) => (
          <option key={clinic.id} value={clinic.id} selected={clinic.id === chosen}>
            {clinic.name}
          </option>
        ))}
      </select>
    </div>
  );
}
