import { account, leave } from "../state/account";

/** For accounts that have no business at a desk: where theirs is. */
export function WrongAccount() {
  const isDisplay = account.value?.role === "display";
  return (
    <main class="sign-in">
      <div class="sign-in-form">
        <h1>This account has no desk</h1>
        <p>
          {isDisplay
            ? "It belongs to a screen in the waiting room."
            : "Ask an admin of your clinic for an account of the reception."}
        </p>
        {isDisplay && (
          <a class="button primary" href="/display">
            Open the waiting-room screen
          </a>
        )}
        <button type="button" onClick={leave}>
          Sign in with another account
        </button>
      </div>
    </main>
  );
}
