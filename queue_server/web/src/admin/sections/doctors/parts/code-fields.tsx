import { useMemo } from "preact/hooks";
import type { Draft } from "../../../../staff/draft";
import { codeFor, codeOf, languageName, languages, spelled } from "../../../../staff/model/names";
import { TagsField } from "../../../../staff/tags-field";

/** What is offered to choose from; any other can be typed. */
export const COMMON_SPECIALTIES = [
  "Anaesthesiology",
  "Cardiology",
  "Dentistry",
  "Dermatology",
  "Endocrinology",
  "Gastroenterology",
  "General practice",
  "Gynaecology",
  "Internal medicine",
  "Nephrology",
  "Neurology",
  "Oncology",
  "Ophthalmology",
  "Orthopaedics",
  "Otorhinolaryngology",
  "Paediatrics",
  "Physiotherapy",
  "Psychiatry",
  "Pulmonology",
  "Radiology",
  "Rheumatology",
  "Surgery",
  "Urology",
];

interface FieldProps<T extends object> {
  draft: Draft<T>;
  disabled?: boolean;
}

/** What the doctor is a specialist of; search finds them by it. */
export function SpecialtiesField<T extends { specialties: string[] }>(props: FieldProps<T>) {
  const draft = props.draft as unknown as Draft<{ specialties: string[] }>;
  return (
    <TagsField
      draft={draft}
      name="specialties"
      label="Specialties"
      hint="Choose or type one, then Enter. Search finds the doctor by them."
      suggestions={COMMON_SPECIALTIES}
      toCode={(typed) => codeFor(typed) || null}
      shown={spelled}
      unknown="Use letters or digits."
      {...(props.disabled && { disabled: true })}
    />
  );
}

/** The languages the doctor speaks with patients. */
export function LanguagesField<T extends { languages: string[] }>(props: FieldProps<T>) {
  const draft = props.draft as unknown as Draft<{ languages: string[] }>;
  const known = useMemo(() => languages(), []);
  return (
    <TagsField
      draft={draft}
      name="languages"
      label="Languages"
      hint="The ones spoken with patients: choose or type one, then Enter."
      suggestions={known.map(({ name }) => name)}
      toCode={(typed) => codeOf(typed, known)}
      shown={(tag) => languageName(tag)}
      unknown="No language is called so. Try its English name, like German."
      {...(props.disabled && { disabled: true })}
    />
  );
}
