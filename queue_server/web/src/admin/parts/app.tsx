import { LiveRegion } from "../../shared/live-region";
import { SignIn } from "../../shared/sign-in";
import { account, enter } from "../../staff/account";
import { Asked } from "../../staff/ask";
import { ToastList } from "../../staff/toast-list";
import { Shell } from "./shell";
import { WrongAccount } from "./wrong-account";

const STRANGERS = new Set(["display", "patient", "doctor"]);

/** The admin's screens. */
export function App() {
  const user = account.value;
  if (user === null)
    return (
      <SignIn
        title="Administration"
        hint="Sign in with the account of your organisation."
        enter={enter}
      />
    );
  if (STRANGERS.has(user.role)) return <WrongAccount role={user.role} />;
  return (
    <>
      <Shell />
      <ToastList />
      <Asked />
      <LiveRegion />
    </>
  );
}
