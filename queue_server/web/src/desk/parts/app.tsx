import { account } from "../state/account";
import { preferences } from "../state/preferences";
import { route } from "../state/route";
import { Board } from "./board";
import { Dialogs } from "./dialogs";
import { FirstChoice } from "./first-choice";
import { LiveRegion } from "./live-region";
import { Paper } from "./paper";
import { SignIn } from "./sign-in";
import { Toasts } from "./toasts";
import { WrongAccount } from "./wrong-account";

const DESKLESS = new Set(["display", "patient"]);

/** The reception desk. */
export function App() {
  if (account.value === null) return <SignIn />;
  if (DESKLESS.has(account.value.role)) return <WrongAccount />;
  return (
    <>
      <Screen />
      <LiveRegion />
    </>
  );
}

function Screen() {
  if (/\/(day-list|ticket)$/.test(route.value.path)) return <Paper />;
  if (preferences.value.clinicId === null) return <FirstChoice />;
  return (
    <>
      <Board />
      <Toasts />
      <Dialogs />
    </>
  );
}
