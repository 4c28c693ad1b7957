import { useState } from "preact/hooks";
import type { AccountView } from "../../../../generated/contract";
import { ask } from "../../../../staff/ask";
import { put } from "../../../../staff/rest";
import { attempt } from "../../../../staff/toasts";

interface AccessProps {
  of: AccountView;
  path: string;
  take: (now: AccountView) => void;
  reload: () => Promise<void>;
}

/** Shuts an account out, or lets it in again. Accounts are never deleted: what they did names them. */
export function AccessButton({ of, path, take, reload }: AccessProps) {
  const [isBusy, setBusy] = useState(false);
  const { name, disabled, version } = of;
  const change = async (isOff: boolean, done: string): Promise<void> => {
    setBusy(true);
    const call = () => put<AccountView>(path, { disabled: isOff }, { version }).then(take);
    if (!(await attempt(call, done))) await reload();
    setBusy(false);
  };
  const shutOut = async (): Promise<void> => {
    const sure = await ask({
      title: `Deactivate ${name}?`,
      text: "They are signed out everywhere and cannot sign in again, until you activate the account. What they did stays on record.",
      yes: "Deactivate",
      no: "Keep",
      danger: true,
    });
    if (sure) await change(true, `${name} is signed out and cannot sign in any more.`);
  };
  return disabled ? (
    <button
      type="button"
      class="primary"
      disabled={isBusy}
      onClick={() => void change(false, `${name} can sign in again.`)}
    >
      Activate
    </button>
  ) : (
    <button type="button" class="danger" disabled={isBusy} onClick={() => void shutOut()}>
      Deactivate…
    </button>
  );
}
