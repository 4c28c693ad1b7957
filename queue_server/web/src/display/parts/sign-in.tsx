import { useState } from "preact/hooks";
import { session, trouble } from "../state/screen";

/** Signs the screen in, once: the session is kept in the browser. */
export function SignIn() {
  const [failure, setFailure] = useState(trouble.value);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setFailure("");
    try {
      await session.signIn(String(fields.get("email")).trim(), String(fields.get("password")));
    } catch (error) {
      setFailure((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <main class="plain">
      <form class="sign-in" onSubmit={(event) => void submit(event)}>
        <h1>Waiting room</h1>
        <p>Sign in with the account of this screen. It shows tickets, never names.</p>
        {failure && (
          <p role="alert" class="failure">
            {failure}
          </p>
        )}
        <label>
          E-mail
          <input name="email" type="email" required autocomplete="username" />
        </label>
        <label>
          Password
          <input name="password" type="password" required autocomplete="current-password" />
        </label>
        <button type="submit" disabled={isBusy}>
          {isBusy ? "Signing in…" : "Show the queues"}
        </button>
      </form>
    </main>
  );
}
