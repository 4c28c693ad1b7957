import type { PatientView } from "../../generated/contract";
import type { Draft } from "../../staff/draft";
import { SelectField, TextField } from "../../staff/fields";
import { languageName } from "../../staff/model/names";
import type { NewPatient } from "../model/patient";
import { startOf } from "../model/patient";
import { PatientChoice } from "./patient-choice";

/** Who is booked: nobody yet, somebody known, or somebody new whose particulars are being typed. */
export type Who = PatientView | "new" | null;

/** The languages that patients' messages exist in. */
const LANGUAGES = ["en", "es", "hi", "ar"].map((value) => ({ value, label: languageName(value) }));

interface PatientCardProps<T extends NewPatient> {
  who: Who;
  onWho: (who: Who) => void;
  draft: Draft<T>;
}

/** Somebody known by a few letters, or somebody new. */
export function PatientCard<T extends NewPatient>({ who, onWho, draft }: PatientCardProps<T>) {
  const other = (
    <button type="button" class="quiet" onClick={() => onWho(null)}>
      Somebody else
    </button>
  );
  if (who === null)
    return (
      <PatientChoice
        label="Patient"
        error={draft.errorAt("patient")}
        onChosen={onWho}
        onNew={(typed) => {
          draft.set(startOf(typed) as Partial<T>);
          onWho("new");
        }}
      />
    );
  if (who !== "new")
    return (
      <div class="who">
        <p>
          <strong>{who.name}</strong>
          <span class="sub">
            {[who.phone, who.email].filter(Boolean).join(" · ") || "no contact known"}
          </span>
        </p>
        {other}
      </div>
    );
  const fields = draft as unknown as Draft<NewPatient>;
  return (
    <fieldset class="form">
      <legend class="who">
        <span>New patient</span>
        {other}
      </legend>
      <TextField
        draft={fields}
        name="name"
        label="Name"
        at="patient.name"
        maxLength={200}
        autocomplete="off"
        autofocus
      />
      <div class="form-row">
        <TextField
          draft={fields}
          name="phone"
          label="Phone"
          at="patient.phone"
          hint="For the link to their place"
          maxLength={33}
          autocomplete="off"
          optional
        />
        <TextField
          draft={fields}
          name="email"
          type="email"
          label="E-mail"
          at="patient.email"
          maxLength={254}
          autocomplete="off"
          optional
        />
      </div>
      <SelectField draft={fields} name="language" label="Language" options={LANGUAGES} />
    </fieldset>
  );
}
