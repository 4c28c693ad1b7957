import { useRef } from "preact/hooks";
import type { TemplateView } from "../../../../generated/contract";
import { isAdmin } from "../../../../staff/account";
import { ask } from "../../../../staff/ask";
import { useDraft } from "../../../../staff/draft";
import { DraftForm } from "../../../../staff/draft-form";
import { Field } from "../../../../staff/fields";
import { languageName } from "../../../../staff/model/names";
import { get, put, remove } from "../../../../staff/rest";
import { attempt, tellDone } from "../../../../staff/toasts";
import { directionOf, hasSubject, KIND_WORDS, withField } from "../model/words";
import { TemplatePreview } from "./template-preview";

interface TemplateFormProps {
  path: string;
  template: TemplateView;
  reload: () => Promise<void>;
  take: (template: TemplateView) => void;
}

interface Words {
  subject: string;
  body: string;
  version: number;
}

const NAMES = { subject: "Subject", body: "Text" };

/** The words of one kind of message in a language and channel, with what they come to beside them. */
export function TemplateForm({ path, template, reload, take }: TemplateFormProps) {
  const { kind, language, channel, fields, isDefault } = template;
  const draft = useDraft<Words>(path, () => wordsOf(template));
  const area = useRef<HTMLTextAreaElement>(null);
  const written = { lang: language, dir: directionOf(language) };
  const insert = (field: string): void => {
    const { current } = area;
    const body = draft.value.value.body;
    const [start, end] = [
      current?.selectionStart ?? body.length,
      current?.selectionEnd ?? body.length,
    ];
    const { text, cursor } = withField(body, field, start, end);
    draft.set({ body: text });
    requestAnimationFrame(() => {
      current?.focus();
      current?.setSelectionRange(cursor, cursor);
    });
  };
  const save = async ({ subject, body, version }: Words, key: string): Promise<void> => {
    const said = { body, ...(hasSubject(channel) && { subject }) };
    const made = await put<TemplateView>(path, said, { key, version });
    draft.reset(wordsOf(made));
    take(made);
    tellDone("From now on messages say this.");
  };
  const drop = async (): Promise<void> => {
    const sure = await ask({
      title: "Say again what comes with the product?",
      text: "Your own words for this kind, language and channel are gone then.",
      yes: "Drop own words",
      danger: true,
    });
    const work = () => remove(path, { version: template.version });
    if (sure && (await attempt(work, "Messages say again what comes with the product."))) {
      draft.reset(wordsOf(await get<TemplateView>(path)));
      await reload();
    }
  };
  return (
    <div class="template-page">
      <section class="card">
        <div class="card-head">
          <h2>
            {KIND_WORDS[kind]}, {languageName(language)}
          </h2>
          <span class={isDefault ? "chip" : "chip chip-info"}>
            {isDefault ? "As it comes with the product" : "Own words"}
          </span>
        </div>
        <DraftForm
          draft={draft}
          label="Words"
          save="Save words"
          words={NAMES}
          readNow={async () => wordsOf(await get<TemplateView>(path))}
          readOnly={!isAdmin.value}
          onSave={save}
        >
          {hasSubject(channel) && (
            <Field label="Subject" error={draft.errorAt("subject")}>
              {(attributes) => (
                <input
                  {...attributes}
                  {...written}
                  value={draft.value.value.subject}
                  maxLength={150}
                  onInput={(event) => draft.set({ subject: event.currentTarget.value })}
                />
              )}
            </Field>
          )}
          <Field label="Text" error={draft.errorAt("body")}>
            {(attributes) => (
              <textarea
                {...attributes}
                {...written}
                ref={area}
                rows={channel === "email" ? 12 : 6}
                value={draft.value.value.body}
                onInput={(event) => draft.set({ body: event.currentTarget.value })}
              />
            )}
          </Field>
          <fieldset class="template-fields">
            <legend>Put in</legend>
            <div class="chips">
              {fields.map((field) => (
                <button key={field} type="button" class="field-chip" onClick={() => insert(field)}>
                  {`{${field}}`}
                </button>
              ))}
            </div>
          </fieldset>
        </DraftForm>
        {!isDefault && isAdmin.value && (
          <p>
            <button type="button" class="danger" onClick={() => void drop()}>
              Drop own words…
            </button>
          </p>
        )}
      </section>
      <TemplatePreview template={template} words={draft.value.value} />
    </div>
  );
}

function wordsOf({ subject, body, version }: TemplateView): Words {
  return { subject, body, version };
}
