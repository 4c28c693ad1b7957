import { useState } from "preact/hooks";
import { enter } from "../state/account";

/** Who sits at the desk. */
export function SignIn() {
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setFailure("");
    try {
      await enter(String(fields.get("email")).trim(), String(fields.get("password")));
    } catch (error) {
      setFailure((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <form class="form sign-in-form" onSubmit={(event) => void submit(event)}>
        <h1>Reception</h1>
        <p class="hint">Sign in with the account of your clinic.</p>
        {failure && (
          <p role="alert" class="failure">
            {failure}
          </p>
        )}
        <label>
          E-mail
          <input name="email" type="email" required autocomplete="username" autofocus />
        </label>
        <label>
          Password
          <input name="password" type="password" required autocomplete="current-password" />
        </label>
        <button type="submit" class="primary" disabled={busy}>
          {busy ? "Signing in…" : "Sign in"}
        </button>
      </form>
    </main>
  );
}
