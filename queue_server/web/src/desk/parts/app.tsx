import { Dialogs } from "../dialogs";
import { DayListPage } from "../pages/day-list";
import { TicketPage } from "../pages/ticket";
import { account, stage } from "../state/account";
import { lanes } from "../state/board";
import { preferences } from "../state/preferences";
import { route } from "../state/route";
import { Board } from "./board";
import { FirstChoice } from "./first-choice";
import { LiveRegion } from "./live-region";
import { SignIn } from "./sign-in";
import { Toasts } from "./toasts";

/** The reception desk. */
export function App() {
  if (stage.value === "starting") return <p class="starting">Opening the desk…</p>;
  if (account.value === null) return <SignIn />;
  return (
    <>
      <Screen />
      <LiveRegion />
    </>
  );
}

function Screen() {
  const { path, query } = route.value;
  if (path.endsWith("/day-list")) return <DayListPage query={query} />;
  if (path.endsWith("/ticket")) {
    return <TicketPage key={query.get("appointmentId")} query={query} />;
  }
  if (lanes.value.length === 0 && preferences.value.clinicId === null) return <FirstChoice />;
  return (
    <>
      <Board />
      <Toasts />
      <Dialogs />
    </>
  );
}
