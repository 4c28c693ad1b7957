import { useState } from "preact/hooks";

interface SignInProps {
  title: string;
  hint: string;
  /** Signs in; throws with a sentence when that fails. */
  enter: (email: string, password: string) => Promise<void>;
}

/** Who works at this screen. */
export function SignIn({ title, hint, enter }: SignInProps) {
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
        <h1>{title}</h1>
        <p class="hint">{hint}</p>
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
