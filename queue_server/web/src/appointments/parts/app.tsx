import { LiveRegion } from "../../shared/live-region";
import { follow, route } from "../../shared/route";
import { SignIn } from "../../shared/sign-in";
import { account, enter, leave, REBOOKS } from "../../staff/account";
import { Asked } from "../../staff/ask";
import { clinics, directoryFailure, refreshDirectory } from "../../staff/directory";
import { Empty, Failure, Loading } from "../../staff/states";
import { ToastList } from "../../staff/toast-list";
import { doctorAlone } from "../state/place";
import { AppointmentsPage } from "./appointments-page";
import { BookPage } from "./book-page";
import { ClinicOfDoctor } from "./clinic-of-doctor";
import { WaitlistPage } from "./waitlist-page";

const PAGES = [
  { path: "/desk/book", name: "Book", Page: BookPage },
  { path: "/desk/appointments", name: "Appointments", Page: AppointmentsPage },
  { path: "/desk/waitlist", name: "Waitlist", Page: WaitlistPage },
] as const;

/** Reception's pages about times to come: book, and move or cancel what is booked. */
export function App() {
  const user = account.value;
  if (user === null)
    return (
      <SignIn title="Reception" hint="Sign in with the account of your clinic." enter={enter} />
    );
  const { path, query } = route.value;
  const at = PAGES.find((one) => one.path === path) ?? PAGES[0];
  const clinic = query.get("clinic");
  const search = clinic ? `?clinic=${clinic}` : "";
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top-bar">
        <p class="brand">Reception</p>
        <nav class="top-links" aria-label="Pages">
          {PAGES.map((one) => (
            <a
              key={one.path}
              class="button quiet"
              href={one.path + search}
              aria-current={one === at ? "page" : undefined}
              onClick={follow}
            >
              {one.name}
            </a>
          ))}
          <a class="button quiet" href={`/desk/rebook${search}`}>
            To rebook
          </a>
        </nav>
        <div class="top-actions">
          <a class="button" href="/desk">
            <span aria-hidden="true">‹ </span>Desk
          </a>
          <button type="button" class="quiet" title={user.email} onClick={leave}>
            Sign out
          </button>
        </div>
      </header>
      <main id="main" class="appointments" tabIndex={-1}>
        {REBOOKS.has(user.role) ? <Content Page={at.Page} /> : <NotYours />}
      </main>
      <ToastList />
      <Asked />
      <LiveRegion />
    </>
  );
}

function Content({ Page }: { Page: (typeof PAGES)[number]["Page"] }) {
  const failure = directoryFailure.value;
  // Times are shown by the clinics' clocks, so these must be known.
  if (clinics.value === null)
    return failure ? (
      <Failure what="the clinics" error={failure} retry={() => void refreshDirectory()} />
    ) : (
      <Loading what="the clinics" />
    );
  if (clinics.value.length === 0)
    return (
      <Empty title="There is no clinic yet">
        <p>An administrator adds clinics and doctors; then times can be booked here.</p>
      </Empty>
    );
  const alone = doctorAlone(route.value.query);
  return alone ? <ClinicOfDoctor key={alone} doctorId={alone} /> : <Page />;
}

function NotYours() {
  return (
    <>
      <h1>Book</h1>
      <p>Reception books for patients. Ask there, or sign in with an account of theirs.</p>
    </>
  );
}
