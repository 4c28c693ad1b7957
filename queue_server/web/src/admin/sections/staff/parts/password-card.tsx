import type { AccountView } from "../../../../generated/contract";
import { leave } from "../../../../staff/account";
import { type Draft, useDraft } from "../../../../staff/draft";
import { DraftForm } from "../../../../staff/draft-form";
import { post } from "../../../../staff/rest";
import { tellDone } from "../../../../staff/toasts";
import { SHORTEST } from "../model/password";
import { PasswordField } from "./password-field";

interface PasswordCardProps {
  of: AccountView;
  take: (now: AccountView) => void;
  isOwn: boolean;
}

/** A new password for somebody who has forgotten theirs, or whose password is known to others. */
export function PasswordCard({ of, take, isOwn }: PasswordCardProps) {
  const draft = useDraft(of.id, () => ({ password: "" }));
  const whose = isOwn ? "your" : `${of.name}'s`;
  return (
    <section class="card">
      <h2>New password</h2>
      <p class="hint">
        The old one stops working, and {whose} sessions end on every device
        {isOwn ? ", this one too: sign in again with the new one." : "."}
      </p>
      <DraftForm
        draft={withFaults(draft)}
        label="New password"
        save="Set new password"
        onSave={async ({ password }, key) => {
          const now = await post<AccountView>(`/api/staff/${of.id}/reset`, { password }, { key });
          draft.reset({ password: "" });
          if (isOwn) return leave();
          take(now);
          tellDone(`${of.name} has a new password; the old one and all sessions have ended.`);
        }}
      >
        <PasswordField draft={draft} />
      </DraftForm>
    </section>
  );
}

function withFaults(draft: Draft<{ password: string }>): Draft<{ password: string }> {
  return {
    ...draft,
    submit: async (work) => {
      if (draft.value.value.password.length >= SHORTEST) return draft.submit(work);
      const message = `Choose a password of at least ${SHORTEST} characters.`;
      draft.complain([{ field: "password", message }]);
      return false;
    },
  };
}
