import type { TemplateView } from "../../../../generated/contract";
import { follow } from "../../../../shared/route";
import type { Draft } from "../../../../staff/draft";
import { Field } from "../../../../staff/fields";
import { useResource } from "../../../../staff/resource";
import { all } from "../../../../staff/rest";
import { address } from "../../../state/address";
import { KIND_WORDS, USUAL } from "../../messages/model/words";
import type { PolicyDraft } from "../model/policy";

const PATH = "/api/message-templates?limit=200";

/** Which wording is said of which kind of message, where there is more than the usual one. */
export function Wordings({ draft }: { draft: Draft<PolicyDraft> }) {
  const found = useResource(PATH, () => all<TemplateView>(PATH)).value ?? [];
  const chosen = draft.value.value.overrides;
  const kinds = Object.keys(KIND_WORDS).flatMap((kind) => {
    const named = found.filter((one) => one.kind === kind && one.name !== USUAL);
    const names = new Set([...named.map(({ name }) => name), chosen[kind] ?? []].flat());
    return names.size > 0 ? [{ kind: kind as TemplateView["kind"], names: [...names] }] : [];
  });
  const choose = (kind: string, name: string): void => {
    const { [kind]: _, ...others } = chosen;
    draft.set({ overrides: name ? { ...others, [kind]: name } : others });
  };
  return (
    <fieldset class="form">
      <legend>Words</legend>
      {kinds.length === 0 && (
        <p class="hint">
          All clinics say the usual words. Another wording is made at{" "}
          <a href={address("messages/templates")} onClick={follow}>
            Messages, Words
          </a>{" "}
          and chosen here.
        </p>
      )}
      <div class="form-row">
        {kinds.map(({ kind, names }) => (
          <Field
            key={kind}
            label={KIND_WORDS[kind]}
            error={draft.errorAt(`notificationTemplateOverrides.${kind}`)}
          >
            {(attributes) => (
              <select
                {...attributes}
                value={chosen[kind] ?? ""}
                onChange={(event) => choose(kind, event.currentTarget.value)}
              >
                <option value="">The usual one</option>
                {names.map((name) => (
                  <option key={name} value={name} selected={name === chosen[kind]}>
                    {name}
                  </option>
                ))}
              </select>
            )}
          </Field>
        ))}
      </div>
    </fieldset>
  );
}
