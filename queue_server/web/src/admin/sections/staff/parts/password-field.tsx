import { useState } from "preact/hooks";
import { announce } from "../../../../shared/announce";
import type { Draft } from "../../../../staff/draft";
import { Field } from "../../../../staff/fields";
import { makePassword, SHORTEST } from "../model/password";

/** A new password: typed, or made up and shown, to be handed over. */
export function PasswordField<T extends { password: string }>({ draft }: { draft: Draft<T> }) {
  const [isShown, setShown] = useState(false);
  const { password } = draft.value.value;
  const put = (text: string): void => draft.set({ password: text } as Partial<T>);
  const makeUp = (): void => {
    put(makePassword());
    setShown(true);
    announce("A password was made up and is shown.");
  };
  return (
    <div class="password">
      <Field
        label="Password"
        hint={`At least ${SHORTEST} characters. Hand it over in person; nobody can read it here later.`}
        error={draft.errorAt("password")}
      >
        {(attributes) => (
          <input
            {...attributes}
            // One of the two to the type checker, which knows no field that changes.
            type={(isShown ? "text" : "password") as "password"}
            class="password-input"
            autocomplete="new-password"
            spellcheck={false}
            required
            value={password}
            onInput={(event) => put(event.currentTarget.value)}
          />
        )}
      </Field>
      <div class="password-ways">
        <button type="button" onClick={makeUp}>
          Make one up
        </button>
        <label class="check">
          <input
            type="checkbox"
            checked={isShown}
            onChange={(event) => setShown(event.currentTarget.checked)}
          />
          Show the password
        </label>
      </div>
    </div>
  );
}
