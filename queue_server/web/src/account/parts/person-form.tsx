import { useSignal } from "@preact/signals";
import type { PatientDetailsView } from "../../generated/contract";
import { trouble } from "../../patient/api";
import { isOffline } from "../../patient/connection";
import { Failure } from "../../patient/failure";
import { Choice, Field } from "../../patient/field";
import { known, OUR_LANGUAGES, t } from "../../patient/known";

export interface PersonFormProps {
  person?: PatientDetailsView;
  save: (body: object) => Promise<unknown>;
  onSaved: () => unknown;
  onDiscard?: () => void;
}

/** Name, date of birth and language of somebody. */
export function PersonForm({ person, save, onSaved, onDiscard }: PersonFormProps) {
  const name = useSignal(person?.name ?? "");
  const birthDate = useSignal(person?.birthDate ?? "");
  const language = useSignal(person?.language ?? known.language);
  const mistake = useSignal("");
  const failure = useSignal("");
  const isBusy = useSignal(false);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    mistake.value = name.value.trim() ? "" : t("name_missing");
    if (mistake.value || isBusy.value) return;
    isBusy.value = true;
    failure.value = "";
    try {
      await save({
        name: name.value.trim(),
        birthDate: birthDate.value || null,
        language: language.value,
      });
      await onSaved();
    } catch (error) {
      failure.value = trouble(error);
    } finally {
      isBusy.value = false;
    }
  }

  return (
    <form class="form" noValidate onSubmit={(event) => void submit(event)}>
      <Field
        label={t("name")}
        name="name"
        autocomplete={person ? "name" : "off"}
        required
        value={name.value}
        mistake={mistake.value}
        onInput={(text) => (name.value = text)}
      />
      <Field
        label={t("account_birth_date")}
        name="birthDate"
        type="date"
        value={birthDate.value}
        onInput={(text) => (birthDate.value = text)}
      />
      <Choice
        label={t("news_language")}
        value={language.value}
        options={OUR_LANGUAGES}
        onChange={(code) => (language.value = code)}
      />
      <Failure text={failure.value} />
      <div class="buttons">
        <button type="submit" class="primary" disabled={isBusy.value || isOffline.value}>
          {t("account_save")}
        </button>
        {onDiscard && (
          <button type="button" onClick={onDiscard}>
            {t("account_discard")}
          </button>
        )}
      </div>
    </form>
  );
}
