import { ownNow } from "../../shared/clock";
import { LiveRegion } from "../../shared/live-region";
import { follow, route } from "../../shared/route";
import { SignIn } from "../../shared/sign-in";
import { age } from "../../shared/time";
import { account, enter, leave } from "../../staff/account";
import { Asked } from "../../staff/ask";
import { Empty } from "../../staff/states";
import { ToastList } from "../../staff/toast-list";
import { doctorId, heardAt, isLive } from "../state/live";
import { LeavePage } from "./leave-page";
import { QueuePage } from "./queue-page";
import { SchedulePage } from "./schedule-page";

const PAGES = [
  { path: "/doctor", label: "Queue" },
  { path: "/doctor/schedule", label: "Schedule" },
  { path: "/doctor/leave", label: "Leave" },
] as const;

/** The doctor's page. */
export function App() {
  if (account.value === null) {
    return <SignIn title="Doctor" hint="Sign in with the account of your clinic." enter={enter} />;
  }
  const id = doctorId.value;
  if (id === null) return <NoDoctor />;
  const here = route.value.path;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <TopBar here={here} />
      <main id="main" class="doctor-main" tabIndex={-1}>
        <Shown here={here} doctorId={id} />
      </main>
      <ToastList />
      <Asked />
      <LiveRegion />
    </>
  );
}

function Shown({ here, doctorId: id }: { here: string; doctorId: string }) {
  switch (here) {
    case "/doctor":
      return <QueuePage doctorId={id} />;
    case "/doctor/schedule":
      return <SchedulePage doctorId={id} />;
    case "/doctor/leave":
      return <LeavePage doctorId={id} />;
    default:
      return (
        <Empty title="There is no such page">
          <p>
            <a href="/doctor" onClick={follow}>
              Go to your queue
            </a>
          </p>
        </Empty>
      );
  }
}

function TopBar({ here }: { here: string }) {
  const user = account.value;
  return (
    <header class="top-bar">
      <p class="brand">{user?.name}</p>
      <Connection />
      <nav class="doctor-tabs" aria-label="Pages">
        {PAGES.map(({ path, label }) => (
          <a
            key={path}
            href={path}
            aria-current={here === path ? "page" : undefined}
            onClick={follow}
          >
            {label}
          </a>
        ))}
      </nav>
      <div class="top-actions">
        <button type="button" class="quiet" title={user?.email} onClick={leave}>
          Sign out
        </button>
      </div>
    </header>
  );
}

/** Whether the queue is live, and how old it is if not. */
function Connection() {
  if (isLive.value) {
    return (
      <p class="connection connection-live" role="status">
        <span class="dot" aria-hidden="true" /> Live
      </p>
    );
  }
  return (
    <p class="connection connection-lost" role="status">
      <span class="dot" aria-hidden="true" /> No connection
      {heardAt.value > 0 && <span aria-hidden="true"> · as of {age(heardAt.value, ownNow())}</span>}
    </p>
  );
}

/** For accounts that belong to no doctor: where theirs is. */
function NoDoctor() {
  const isAdmin = /admin|head/.test(account.value?.role ?? "");
  return (
    <main class="sign-in">
      <div class="sign-in-form">
        <h1>This account belongs to no doctor</h1>
        <p>
          {isAdmin
            ? "Schedules, leave and doctors are kept in the administration."
            : "Ask an administrator of your organisation for an account."}
        </p>
        <a class="button primary" href={isAdmin ? "/admin" : "/desk"}>
          {isAdmin ? "Open the administration" : "Open the reception desk"}
        </a>
        <button type="button" onClick={leave}>
          Sign in with another account
        </button>
      </div>
    </main>
  );
}
