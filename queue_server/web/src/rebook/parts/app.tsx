import { useState } from "preact/hooks";
import { DoneList } from "../../appointments/parts/done-list";
import { MoveDialog } from "../../appointments/parts/move-dialog";
import type { Visit } from "../../appointments/state/done";
import { ToRebook } from "../../schedule/parts/to-rebook";
import { LiveRegion } from "../../shared/live-region";
import { replaceAddress, route } from "../../shared/route";
import { SignIn } from "../../shared/sign-in";
import { account, enter, leave, REBOOKS } from "../../staff/account";
import { Asked } from "../../staff/ask";
import { clinics, directoryFailure, refreshDirectory } from "../../staff/directory";
import { Failure, Loading } from "../../staff/states";
import { ToastList } from "../../staff/toast-list";
import { RebookAll, RebookButtons } from "./rebook-buttons";

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
          <a class="button quiet" href={`/desk/book${location.search}`}>
            Book
          </a>
          <a class="button quiet" href={`/desk/appointments${location.search}`}>
            Appointments
          </a>
          <a class="button quiet" href={`/desk/waitlist${location.search}`}>
            Waitlist
          </a>
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
      <ToastList />
      <Asked />
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
      {known !== null && <List clinicId={clinicId} />}
    </>
  );
}

function List({ clinicId }: { clinicId: string | null }) {
  const [choosing, setChoosing] = useState<{ visit: Visit; isAgain: boolean } | null>(null);
  // A time that was taken is read anew with the list, which only the list itself can do.
  const [turn, setTurn] = useState(0);
  const again = (): void => setTurn(turn + 1);
  return (
    <>
      <DoneList onBack={again} onAgain={(visit) => setChoosing({ visit, isAgain: true })} />
      <ToRebook
        key={turn}
        clinicId={clinicId}
        rebooking={{
          about: (conflict, reload) => (
            <RebookButtons
              conflict={conflict}
              reload={reload}
              onOther={(visit) => setChoosing({ visit, isAgain: false })}
            />
          ),
          aboutAll: (group, reload) => <RebookAll group={group} reload={reload} />,
        }}
      />
      {choosing && (
        <MoveDialog
          visit={choosing.visit}
          // A time that is closed cannot be taken again; one that was taken here can.
          isOldOpen={choosing.isAgain}
          onMoved={again}
          onClose={() => setChoosing(null)}
        />
      )}
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
