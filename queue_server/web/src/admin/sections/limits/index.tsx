import type { RateLimitsView } from "../../../generated/contract";
import { account } from "../../../staff/account";
import { useDraft } from "../../../staff/draft";
import { DraftForm } from "../../../staff/draft-form";
import { TextField } from "../../../staff/fields";
import { useResource } from "../../../staff/resource";
import { getVersioned, put, type Versioned } from "../../../staff/rest";
import { Loaded } from "../../../staff/states";
import { tellDone } from "../../../staff/toasts";
import { Page } from "../../parts/page";
import {
  LIMIT_GROUPS,
  LIMIT_WORDS,
  type LimitsDraft,
  limitFaults,
  limitsBody,
  limitsDraft,
} from "./model";

/** How many requests and messages the organisation takes a minute. */
export default function LimitsSection() {
  const path = `/api/tenants/${account.value?.tenantId}/rate-limits`;
  const found = useResource(path, () => getVersioned<RateLimitsView>(path));
  return (
    <Page
      title="Limits"
      lead="Of floods, not of work: what comes too often is answered with when to try again."
    >
      <Loaded of={found} what="the limits">
        {(limits) => <LimitsForm path={path} limits={limits} />}
      </Loaded>
    </Page>
  );
}

function LimitsForm({ path, limits }: { path: string; limits: Versioned<RateLimitsView> }) {
  const draft = useDraft(path, () => limitsDraft(limits.value, limits.version));
  const readNow = async (): Promise<LimitsDraft> => {
    const now = await getVersioned<RateLimitsView>(path);
    return limitsDraft(now.value, now.version);
  };
  const submit: typeof draft.submit = async (work) => {
    const faults = limitFaults(draft.value.value);
    if (faults.length === 0) return draft.submit(work);
    draft.complain(faults);
    return false;
  };
  return (
    <section class="card">
      <h2>A minute</h2>
      <p class="hint">
        Empty: as much as the installation grants. Every server takes it over within ten seconds.
      </p>
      <DraftForm
        draft={{ ...draft, submit }}
        label="Limits"
        save="Save limits"
        words={LIMIT_WORDS}
        readNow={readNow}
        onSave={async (value, key) => {
          await put(path, limitsBody(value), { key, version: value.version });
          draft.reset(await readNow());
          tellDone("The limits are saved.");
        }}
      >
        {LIMIT_GROUPS.map(({ title, limits: some }) => (
          <fieldset key={title} class="form">
            <legend>{title}</legend>
            <div class="form-row">
              {some.map(({ name, label, hint }) => (
                <TextField
                  key={name}
                  draft={draft}
                  name={name}
                  label={label}
                  hint={hint}
                  inputMode="numeric"
                />
              ))}
            </div>
          </fieldset>
        ))}
      </DraftForm>
    </section>
  );
}
