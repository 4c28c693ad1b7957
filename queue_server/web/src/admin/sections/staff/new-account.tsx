import type { AccountView, Role } from "../../../generated/contract";
import { account } from "../../../staff/account";
import { type Draft, useDraft } from "../../../staff/draft";
import { DraftForm } from "../../../staff/draft-form";
import { TextField } from "../../../staff/fields";
import { post } from "../../../staff/rest";
import { tellDone } from "../../../staff/toasts";
import { Page } from "../../parts/page";
import { address, clinicFilter, goTo } from "../../state/address";
import { type AccountDraft, accountBody, accountFaults } from "./model/account";
import { SHORTEST } from "./model/password";
import { NameField, RightsFields } from "./parts/account-fields";
import { PasswordField } from "./parts/password-field";

interface NewDraft extends AccountDraft {
  email: string;
  password: string;
}

/** Somebody new: how they sign in, and what they may do. */
export function NewAccount() {
  const draft = useDraft("new", (): NewDraft => {
    const chosen = clinicFilter.peek();
    return {
      name: "",
      email: "",
      password: "",
      role: "receptionist" satisfies Role,
      doctorId: "",
      // Whoever keeps the accounts of some clinics can give access to no others.
      clinicIds: chosen ? [chosen] : [...(account.peek()?.clinicIds ?? [])],
      version: 0,
    };
  });
  return (
    <Page
      title="New account"
      above={{ label: "Staff", href: address("staff") }}
      lead="One for each person, so that it can be told who did what."
    >
      <section class="card narrow">
        <DraftForm
          draft={withFaults(draft)}
          isNew
          label="New account"
          save="Add account"
          saving="Adding…"
          onCancel={() => goTo("staff")}
          onSave={async (value, key) => {
            const { email, password } = value;
            const body = { ...accountBody(value), email: email.trim(), password };
            const made = await post<AccountView>("/api/staff", body, { key });
            tellDone(`${made.name} can sign in now.`);
            goTo(`staff/${made.id}`);
          }}
        >
          <NameField draft={draft} />
          <TextField
            draft={draft}
            name="email"
            label="E-mail"
            type="email"
            hint="What they sign in with; it cannot be changed later"
            maxLength={254}
            autocomplete="off"
            required
          />
          <RightsFields draft={draft} />
          <PasswordField draft={draft} />
        </DraftForm>
      </section>
    </Page>
  );
}

function withFaults(draft: Draft<NewDraft>): Draft<NewDraft> {
  return {
    ...draft,
    submit: async (work) => {
      const { email, password } = draft.value.value;
      const faults = accountFaults(draft.value.value);
      if (!email.trim())
        faults.push({ field: "email", message: "Say which address they sign in with." });
      if (password.length < SHORTEST)
        faults.push({
          field: "password",
          message: `Choose a password of at least ${SHORTEST} characters.`,
        });
      if (faults.length === 0) return draft.submit(work);
      draft.complain(faults);
      return false;
    },
  };
}
