import { useEffect, useState } from "preact/hooks";
import type { PreviewPlace, WaitlistPolicy } from "../../../../generated/contract";
import { isAdmin } from "../../../../staff/account";
import { clinicName, clinics } from "../../../../staff/directory";
import { type Draft, useDraft } from "../../../../staff/draft";
import { DraftForm } from "../../../../staff/draft-form";
import { CheckField, TextField } from "../../../../staff/fields";
import { codeFor, spelled } from "../../../../staff/model/names";
import { useResource } from "../../../../staff/resource";
import { getVersioned, post, put, type Versioned } from "../../../../staff/rest";
import { Loaded } from "../../../../staff/states";
import { TagsField } from "../../../../staff/tags-field";
import { tellDone } from "../../../../staff/toasts";
import { policyPath } from "../../../../waitlist/state/use-waitlist";
import { clinicFilter } from "../../../state/address";
import {
  draftOf,
  moveWords,
  OFFERS,
  POLICY_WORDS,
  type PolicyDraft,
  policyFaults,
  policyOf,
  previewWords,
  RULES,
  TARGETS,
  WEIGHTS,
} from "../model/policy";

import { Wordings } from "./wordings";

const VISITS = ["consultation", "follow_up", "procedure", "vaccination", "certificate"];
const PAUSE_MS = 350;

/** By what the lists run: of the clinic that is chosen above, or what all clinics begin with. */
export function PolicyTab() {
  const clinicId = clinicFilter.value;
  const path = policyPath(clinicId);
  const found = useResource(path, () => getVersioned<WaitlistPolicy>(path));
  return (
    <Loaded of={found} what="the policy">
      {(policy) => <PolicyForm key={path} clinicId={clinicId} policy={policy} path={path} />}
    </Loaded>
  );
}

interface PolicyFormProps {
  clinicId: string | null;
  policy: Versioned<WaitlistPolicy>;
  path: string;
}

function PolicyForm({ clinicId, policy, path }: PolicyFormProps) {
  const draft = useDraft(path, () => draftOf(policy.value, policy.version));
  const whose = clinicId ? clinicName(clinicId) : "all clinics without one of their own";
  const readNow = async (): Promise<PolicyDraft> => {
    const now = await getVersioned<WaitlistPolicy>(path);
    return draftOf(now.value, now.version);
  };
  const submit: typeof draft.submit = async (work) => {
    const faults = policyFaults(draft.value.value);
    if (faults.length === 0) return draft.submit(work);
    draft.complain(faults);
    return false;
  };
  const save = async (value: PolicyDraft, key: string): Promise<void> => {
    await put(path, policyOf(value), { key, version: value.version });
    draft.reset(await readNow());
    tellDone(`The waitlist policy of ${whose} is saved.`);
  };
  return (
    <div class="policy-page">
      <section class="card">
        <h2>Policy of {whose}</h2>
        {!clinicId && (
          <p class="hint">Choose a clinic in the bar above to give it a policy of its own.</p>
        )}
        {clinicId && draft.started.value.version === 0 && (
          <p class="hint">
            This clinic has none of its own yet: it goes by what all clinics begin with, until you
            save here.
          </p>
        )}
        <DraftForm
          draft={{ ...draft, submit }}
          label="Waitlist policy"
          save="Save policy"
          words={POLICY_WORDS}
          readNow={readNow}
          readOnly={!isAdmin.value}
          isLong
          onSave={save}
        >
          <Numbers draft={draft} title="Points" fields={WEIGHTS} />
          <Numbers
            draft={draft}
            title="Within how many days whom should be seen"
            fields={TARGETS}
            hint="Who has waited for half as long again comes before all others, the oldest first."
          />
          <Numbers draft={draft} title="Offers" fields={OFFERS}>
            <CheckField
              draft={draft}
              name="autoInvite"
              label="Offer freed times without being told to"
              detail="To the first whom it is for; if they do not answer, to the next."
            />
            <div class="form-row">
              <TextField
                draft={draft}
                name="quietStart"
                at="quietHours.start"
                label="Nobody is told from"
                type="time"
              />
              <TextField
                draft={draft}
                name="quietEnd"
                at="quietHours.end"
                label="until"
                hint="By the patient's clock; the same twice: no quiet hours"
                type="time"
              />
            </div>
          </Numbers>
          <Numbers draft={draft} title="The list" fields={RULES}>
            <TagsField
              draft={draft}
              name="excludedVisitTypes"
              label="Kinds of visit nobody waits for"
              hint="Whoever asks for one is told to call"
              toCode={(typed) => codeFor(typed) || null}
              shown={spelled}
              suggestions={VISITS.map(spelled)}
              unknown="Give the kind of visit in letters."
              disabled={!isAdmin.value}
            />
          </Numbers>
          <Wordings draft={draft} />
        </DraftForm>
      </section>
      <Preview draft={draft} clinicId={clinicId} />
    </div>
  );
}

interface NumbersProps {
  draft: Draft<PolicyDraft>;
  title: string;
  fields: typeof RULES;
  hint?: string;
  children?: preact.ComponentChildren;
}

function Numbers({ draft, title, fields, hint, children }: NumbersProps) {
  return (
    <fieldset class="form">
      <legend>{title}</legend>
      {hint && <p class="hint">{hint}</p>}
      <div class="form-row">
        {fields.map(({ name, at, label, hint: more, isDecimal }) => (
          <TextField
            key={name}
            draft={draft}
            name={name}
            at={at}
            label={label}
            hint={more}
            inputMode={isDecimal ? "decimal" : "numeric"}
          />
        ))}
      </div>
      {children}
    </fieldset>
  );
}

/** How today's list would be reordered by what is typed, before it is saved. */
function Preview({ draft, clinicId }: { draft: Draft<PolicyDraft>; clinicId: string | null }) {
  const known = clinics.value ?? [];
  const [chosen, choose] = useState<string | null>(null);
  const at = clinicId ?? chosen ?? known[0]?.id ?? "";
  const { places, failure } = usePreview(draft.value.value, at);
  return (
    <section class="card preview" aria-labelledby="preview-title">
      <h2 id="preview-title">Today's list by these points</h2>
      {!clinicId && known.length > 1 && (
        <label class="filters">
          <span class="filter-label">List of</span>
          <select value={at} onChange={(event) => choose(event.currentTarget.value)}>
            {known.map(({ id, name }) => (
              <option key={id} value={id} selected={id === at}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <p class="preview-words" role="status">
        {failure ?? (places ? previewWords(places) : "Working it out…")}
      </p>
      {places && places.length > 0 && !failure && (
        <ol class="preview-list">
          {places.map((place) => (
            <PreviewLine key={place.id} place={place} />
          ))}
        </ol>
      )}
    </section>
  );
}

function PreviewLine({ place }: { place: PreviewPlace }) {
  const move = moveWords(place);
  const tone = move.startsWith("up") ? "chip chip-ok" : "chip chip-warn";
  return (
    <li>
      <span class="wait-place">{place.then}</span>
      <span>
        <strong>{place.patientName}</strong>
        <span class="sub">
          {place.points.toFixed(1)} points · now {place.now}
        </span>
      </span>
      {move && (
        <span class={tone}>
          <span aria-hidden="true">{move.startsWith("up") ? "▲" : "▼"}</span>
          {move}
        </span>
      )}
    </li>
  );
}

function usePreview(draft: PolicyDraft, clinicId: string) {
  const [state, set] = useState<{ places: PreviewPlace[] | null; failure: string | null }>({
    places: null,
    failure: null,
  });
  const typed = JSON.stringify({ ...draft, version: 0 });
  useEffect(() => {
    if (!clinicId) return;
    if (policyFaults(draft).length > 0) {
      set((old) => ({ ...old, failure: "Mend the marked fields to see the order." }));
      return;
    }
    let isOld = false;
    const timer = setTimeout(() => {
      post<PreviewPlace[]>(`${policyPath(clinicId)}/preview`, policyOf(draft)).then(
        (places) => !isOld && set({ places, failure: null }),
        (error: Error) => !isOld && set((old) => ({ ...old, failure: error.message })),
      );
    }, PAUSE_MS);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [typed, clinicId]);
  return state;
}
