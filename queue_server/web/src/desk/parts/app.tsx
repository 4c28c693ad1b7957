import { LiveRegion } from "../../shared/live-region";
import { route } from "../../shared/route";
import { SignIn } from "../../shared/sign-in";
import { account, enter } from "../state/account";
import { preferences } from "../state/preferences";
import { Board } from "./board";
import { Dialogs } from "./dialogs";
import { FirstChoice } from "./first-choice";
import { Paper } from "./paper";
import { Toasts } from "./toasts";
import { WrongAccount } from "./wrong-account";

const DESKLESS = new Set(["display", "patient"]);

/** The reception desk. */
export function App() {
  if (account.value === null)
    return (
      <SignIn title="Reception" hint="Sign in with the account of your clinic." enter={enter} />
    );
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
