import { ToRebook } from "../../schedule/parts/to-rebook";
import { LiveRegion } from "../../shared/live-region";
import { replaceAddress, route } from "../../shared/route";
import { SignIn } from "../../shared/sign-in";
import { account, enter, leave, REBOOKS } from "../../staff/account";
import { clinics, directoryFailure, refreshDirectory } from "../../staff/directory";
import { Failure, Loading } from "../../staff/states";

/** Appointments that reception has to find another time for. */
export function App() {
  const user = account.value;
  if (user === null)
    return (
      <SignIn title="Reception" hint="Sign in with the account of your clinic." enter={enter} />
    );
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top-bar">
        <p class="brand">Reception</p>
        <div class="top-actions">
          <a class="button" href="/desk">
            <span aria-hidden="true">‹ </span>Desk
          </a>
          <button type="button" class="quiet" title={user.email} onClick={leave}>
            Sign out
          </button>
        </div>
      </header>
      <main id="main" class="rebook" tabIndex={-1}>
        {REBOOKS.has(user.role) ? <Rebook /> : <NotYours />}
      </main>
      <LiveRegion />
    </>
  );
}

function Rebook() {
  const clinicId = route.value.query.get("clinic");
  const known = clinics.value;
  const failure = directoryFailure.value;
  return (
    <>
      <header>
        <div>
          <h1>To rebook</h1>
          <p class="hint">Booked appointments whose time is closed by now.</p>
        </div>
        {known !== null && known.length > 1 && <ClinicChoice chosen={clinicId ?? ""} />}
      </header>
      {known === null && !failure && <Loading what="the clinics" />}
      {known === null && failure && (
        <Failure what="the clinics" error={failure} retry={() => void refreshDirectory()} />
      )}
      {/* Times are shown by the clinics' clocks, so these must be known. */}
      {known !== null && <ToRebook clinicId={clinicId} />}
    </>
  );
}

function ClinicChoice({ chosen }: { chosen: string }) {
  const choose = (id: string): void =>
    replaceAddress(id ? `/desk/rebook?clinic=${id}` : "/desk/rebook");
  return (
    <select
      aria-label="Clinic"
      value={chosen}
      onChange={(event) => choose(event.currentTarget.value)}
    >
      <option value="">All clinics</option>
      {(clinics.value ?? []).map(({ id, name }) => (
        <option key={id} value={id} selected={id === chosen}>
          {name}
        </option>
      ))}
    </select>
  );
}

function NotYours() {
  return (
    <>
      <h1>To rebook</h1>
      <p>Reception finds patients another time. Ask there, or sign in with an account of theirs.</p>
    </>
  );
}
