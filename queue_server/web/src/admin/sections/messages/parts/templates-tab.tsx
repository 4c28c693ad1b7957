import type { Channel, Kind, TemplateView } from "../../../../generated/contract";
import { languageName } from "../../../../staff/model/names";
import { useResource } from "../../../../staff/resource";
import { all, get, query } from "../../../../staff/rest";
import { Loaded } from "../../../../staff/states";
import { goTo } from "../../../state/address";
import { CHANNEL_WORDS, KIND_WORDS, LANGUAGES, WORDED_KINDS } from "../model/words";
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
  const { kind, language, channel, name } = chosen;
  const path = `/api/message-templates/${kind}/${language}/${channel}/${encodeURIComponent(name)}`;
  const found = useResource(path, () => get<TemplateView>(path));
  const choose = (change: Partial<Chosen>): void =>
    goTo("messages/templates", { ...chosen, ...change });
  return (
    <>
      <div class="filters">
        <Choice
          label="About"
          value={kind}
          options={WORDED_KINDS.map((value) => [value, KIND_WORDS[value]])}
          onChoose={(value) => choose({ kind: value as Kind, name: "default" })}
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

/** Wordings beside the usual one, which a clinic's waitlist policy can name. */
function Names({ chosen, choose }: { chosen: Chosen; choose: (change: Partial<Chosen>) => void }) {
  const { kind, language, channel } = chosen;
  const path = `/api/message-templates${query({ kind, language, channel, limit: 200 })}`;
  const found = useResource(path, () => all<TemplateView>(path)).value ?? [];
  const names = [...new Set(["default", ...found.map(({ name }) => name), chosen.name])];
  if (names.length < 2) return null;
  return (
    <Choice
      label="Wording"
      value={chosen.name}
      options={names.map((name) => [name, name === "default" ? "The usual one" : name])}
      onChoose={(name) => choose({ name })}
    />
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
    name: filters.get("name") ?? "default",
  };
}
