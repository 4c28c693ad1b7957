import { useEffect } from "preact/hooks";
import type { AccountView } from "../../../generated/contract";
import { account } from "../../../staff/account";
import { type Draft, useDraft } from "../../../staff/draft";
import { DraftForm } from "../../../staff/draft-form";
import { useResource } from "../../../staff/resource";
import { get, put } from "../../../staff/rest";
import { Failure, Loading } from "../../../staff/states";
import { tellDone } from "../../../staff/toasts";
import { Page } from "../../parts/page";
import { address } from "../../state/address";
import {
  ACCOUNT_WORDS,
  type AccountDraft,
  accountBody,
  accountDraftOf,
  accountFaults,
} from "./model/account";
import { roleDoes, roleName } from "./model/roles";
import { AccessButton } from "./parts/access-button";
import { NameField, RightsFields } from "./parts/account-fields";
import { PasswordCard } from "./parts/password-card";

/** One account: who it is, what it may do, and how it gets in. */
export function AccountPage({ id }: { id: string }) {
  const path = `/api/staff/${id}`;
  const found = useResource(path, () => get<AccountView>(path));
  const above = { label: "Staff", href: address("staff") };
  const shown = found.value;
  if (shown === null)
    return (
      <Page title="Account" above={above}>
        {found.failure ? (
          <Failure what="the account" error={found.failure} retry={() => void found.reload()} />
        ) : (
          <Loading what="the account" />
        )}
      </Page>
    );
  const isOwn = shown.id === account.value?.id;
  return (
    <Page
      title={shown.name}
      above={above}
      lead={
        <span class="chips">
          <span>{shown.email}</span>
          <span class="chip">{roleName(shown.role)}</span>
          {shown.disabled && <span class="chip chip-warn">Deactivated</span>}
          {isOwn && <span class="chip chip-info">You</span>}
        </span>
      }
      actions={
        !isOwn && <AccessButton of={shown} path={path} take={found.take} reload={found.reload} />
      }
    >
      <div class="columns">
        <RightsCard of={shown} path={path} take={found.take} isOwn={isOwn} />
        <PasswordCard of={shown} take={found.take} isOwn={isOwn} />
      </div>
    </Page>
  );
}

interface RightsCardProps {
  of: AccountView;
  path: string;
  take: (now: AccountView) => void;
  isOwn: boolean;
}

function RightsCard({ of, path, take, isOwn }: RightsCardProps) {
  const draft = useDraft(of.id, () => accountDraftOf(of));
  useEffect(() => draft.rebase(accountDraftOf(of)), [of]);
  return (
    <section class="card">
      <h2>Name and rights</h2>
      <DraftForm
        draft={withFaults(draft)}
        label="Name and rights"
        save="Save account"
        words={ACCOUNT_WORDS}
        readNow={async () => accountDraftOf(await get<AccountView>(path))}
        onSave={async (value, key) => {
          // Of one's own account only the name can be changed.
          const body = isOwn ? { name: value.name.trim() } : accountBody(value);
          const saved = await put<AccountView>(path, body, { key, version: value.version });
          draft.reset(accountDraftOf(saved));
          take(saved);
          tellDone(`${saved.name} is saved.`);
        }}
      >
        <NameField draft={draft} />
        {isOwn ? (
          <p class="hint">
            {roleName(of.role)}: {roleDoes(of.role)} You cannot change your own rights; ask another
            administrator.
          </p>
        ) : (
          <RightsFields draft={draft} kept={of.role} />
        )}
      </DraftForm>
    </section>
  );
}

function withFaults(draft: Draft<AccountDraft>): Draft<AccountDraft> {
  return {
    ...draft,
    submit: async (work) => {
      const faults = accountFaults(draft.value.value);
      if (faults.length === 0) return draft.submit(work);
      draft.complain(faults);
      return false;
    },
  };
}
