import { useState } from "preact/hooks";
import type { Channel, Kind, TemplateView } from "../../../../generated/contract";
import { Modal } from "../../../../shared/modal";
import { isAdmin } from "../../../../staff/account";
import { Field } from "../../../../staff/fields";
import { languageName } from "../../../../staff/model/names";
import { useResource } from "../../../../staff/resource";
import { all, get, isMissing, query } from "../../../../staff/rest";
import { Loaded } from "../../../../staff/states";
import { goTo } from "../../../state/address";
import {
  CHANNEL_WORDS,
  KIND_WORDS,
  LANGUAGES,
  nameFault,
  USUAL,
  WORDED_KINDS,
} from "../model/words";
import { TemplateForm } from "./template-form";

const CHANNELS = Object.keys(CHANNEL_WORDS) as Channel[];

interface Chosen {
  kind: Kind;
  language: string;
  channel: Channel;
  name: string;
}

/** What messages say: chosen by kind, language and channel, and worded anew beside a live preview. */
export function TemplatesTab({ filters }: { filters: URLSearchParams }) {
  const chosen = chosenBy(filters);
  const { kind, language, channel } = chosen;
  const path = pathOf(chosen);
  const found = useResource(path, () => wordsAt(chosen));
  const choose = (change: Partial<Chosen>): void =>
    goTo("messages/templates", { ...chosen, ...change });
  return (
    <>
      <div class="filters">
        <Choice
          label="About"
          value={kind}
          options={WORDED_KINDS.map((value) => [value, KIND_WORDS[value]])}
          onChoose={(value) => choose({ kind: value as Kind, name: USUAL })}
        />
        <Choice
          label="Language"
          value={language}
          options={LANGUAGES.map((value) => [value, languageName(value)])}
          onChoose={(value) => choose({ language: value })}
        />
        <Choice
          label="Through"
          value={channel}
          options={CHANNELS.map((value) => [value, CHANNEL_WORDS[value]])}
          onChoose={(value) => choose({ channel: value as Channel })}
        />
        <Names chosen={chosen} choose={choose} />
      </div>
      <Loaded of={found} what="the words">
        {(template) => (
          <TemplateForm
            key={path}
            path={path}
            template={template}
            reload={found.reload}
            take={found.take}
          />
        )}
      </Loaded>
    </>
  );
}

function pathOf({ kind, language, channel, name }: Chosen): string {
  return `/api/message-templates/${kind}/${language}/${channel}/${encodeURIComponent(name)}`;
}

/** What is said under a name; a new one begins with the usual words. */
async function wordsAt(chosen: Chosen): Promise<TemplateView> {
  try {
    return await get<TemplateView>(pathOf(chosen));
  } catch (error) {
    if (!isMissing(error) || chosen.name === USUAL) throw error;
    const usual = await get<TemplateView>(pathOf({ ...chosen, name: USUAL }));
    return { ...usual, name: chosen.name, isDefault: true, version: 0 };
  }
}

/** Wordings beside the usual one, which a clinic's waitlist policy can name. */
function Names({ chosen, choose }: { chosen: Chosen; choose: (change: Partial<Chosen>) => void }) {
  const { kind, language, channel } = chosen;
  const path = `/api/message-templates${query({ kind, language, channel, limit: 200 })}`;
  const found = useResource(path, () => all<TemplateView>(path)).value ?? [];
  const [isNaming, name] = useState(false);
  const names = [...new Set([USUAL, ...found.map((one) => one.name), chosen.name])];
  return (
    <>
      {names.length > 1 && (
        <Choice
          label="Wording"
          value={chosen.name}
          options={names.map((one) => [one, one === USUAL ? "The usual one" : one])}
          onChoose={(one) => choose({ name: one })}
        />
      )}
      {isAdmin.value && (
        <div class="filters-end">
          <button type="button" onClick={() => name(true)}>
            Another wording…
          </button>
        </div>
      )}
      {isNaming && (
        <NewName
          onNamed={(one) => {
            name(false);
            choose({ name: one });
          }}
          onClose={() => name(false)}
        />
      )}
    </>
  );
}

/** A name for another wording. */
function NewName({ onNamed, onClose }: { onNamed: (name: string) => void; onClose: () => void }) {
  const [typed, type] = useState("");
  const [error, complain] = useState<string>();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const fault = nameFault(typed.trim());
    complain(fault);
    if (!fault) onNamed(typed.trim());
  };
  return (
    <Modal title="Another wording" onClose={onClose}>
      <form class="form" noValidate onSubmit={submit}>
        <p>
          It begins with the usual words, and is said where a clinic's waitlist policy names it.
        </p>
        <Field label="Name" hint="Like after-hours" error={error}>
          {(attributes) => (
            <input
              {...attributes}
              value={typed}
              maxLength={40}
              autocomplete="off"
              autofocus
              onInput={(event) => type(event.currentTarget.value)}
            />
          )}
        </Field>
        <div class="modal-actions">
          <button type="submit" class="primary">
            Word it
          </button>
          <button type="button" onClick={onClose}>
            Not now
          </button>
        </div>
      </form>
    </Modal>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChoose: (value: string) => void;
}

function Choice({ label, value, options, onChoose }: ChoiceProps) {
  return (
    <label>
      <span class="filter-label">{label}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {options.map(([code, text]) => (
          <option key={code} value={code} selected={code === value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function chosenBy(filters: URLSearchParams): Chosen {
  const among = <T extends string>(known: readonly T[], name: string): T => {
    const asked = filters.get(name) as T;
    return known.includes(asked) ? asked : (known[0] as T);
  };
  return {
    kind: among(WORDED_KINDS, "kind"),
    language: among(LANGUAGES, "language"),
    channel: among(CHANNELS, "channel"),
    name: filters.get("name") ?? USUAL,
  };
}
