import type { ClinicDetail, QueuePolicy } from "../../../../generated/contract";
import { useDraft } from "../../../../staff/draft";
import { DraftForm } from "../../../../staff/draft-form";
import { SelectField, TextField } from "../../../../staff/fields";
import { useResource } from "../../../../staff/resource";
import { getVersioned, put, type Versioned } from "../../../../staff/rest";
import { Loaded } from "../../../../staff/states";
import { tellDone } from "../../../../staff/toasts";
import {
  LATE_POLICIES,
  POLICY_GROUPS,
  POLICY_WORDS,
  type PolicyDraft,
  policyBody,
  policyDraftOf,
  policyFaults,
} from "../model/policy";

interface PolicyProps {
  clinic: ClinicDetail;
  reload: () => Promise<void>;
}

/** How the clinic's queues work. */
export function PolicyCard({ clinic, reload }: PolicyProps) {
  const path = `/api/clinics/${clinic.id}/queue-policy`;
  const found = useResource(path, () => getVersioned<QueuePolicy>(path));
  return (
    <section class="card">
      <h2>Queue policy</h2>
      <p class="hint">Queues of today take it over at once; the window from tomorrow on.</p>
      <Loaded of={found} what="the policy">
        {(policy) => <PolicyForm clinic={clinic} policy={policy} path={path} reload={reload} />}
      </Loaded>
    </section>
  );
}

interface PolicyFormProps extends PolicyProps {
  policy: Versioned<QueuePolicy>;
  path: string;
}

function PolicyForm({ clinic, policy, path, reload }: PolicyFormProps) {
  const draft = useDraft(clinic.id, () => policyDraftOf(policy.value, policy.version));
  const readNow = async (): Promise<PolicyDraft> => {
    const now = await getVersioned<QueuePolicy>(path);
    return policyDraftOf(now.value, now.version);
  };
  const submit: typeof draft.submit = async (work) => {
    const faults = policyFaults(draft.value.value);
    if (faults.length === 0) return draft.submit(work);
    draft.complain(faults);
    return false;
  };
  return (
    <DraftForm
      draft={{ ...draft, submit }}
      label="Queue policy"
      save="Save policy"
      words={POLICY_WORDS}
      readNow={readNow}
      onSave={async (value, key) => {
        await put(path, policyBody(value), { key, version: value.version });
        draft.reset(await readNow());
        tellDone(`The queue policy of ${clinic.name} is saved.`);
        await reload();
      }}
    >
      {POLICY_GROUPS.map(({ title, fields }) => (
        <fieldset key={title} class="form">
          <legend>{title}</legend>
          <div class="form-row">
            {fields.map(({ name, label, hint }) => (
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
      <SelectField
        draft={draft}
        name="latePolicy"
        label="Who comes late waits"
        options={LATE_POLICIES}
      />
    </DraftForm>
  );
}
