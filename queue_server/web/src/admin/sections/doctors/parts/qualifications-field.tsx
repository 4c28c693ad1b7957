import { announce } from "../../../../shared/announce";
import type { Draft } from "../../../../staff/draft";
import { Field } from "../../../../staff/fields";
import type { ProfileDraft, QualificationDraft } from "../model/profile";

/** Degrees and certificates, one a line. */
export function QualificationsField({ draft }: { draft: Draft<ProfileDraft> }) {
  const lines = draft.value.value.qualifications;
  const change = (qualifications: QualificationDraft[]): void => draft.set({ qualifications });
  const edit = (place: number, part: Partial<QualificationDraft>): void =>
    change(lines.map((line, at) => (at === place ? { ...line, ...part } : line)));
  const drop = (place: number): void => {
    change(lines.filter((_, at) => at !== place));
    announce("Qualification removed");
  };
  return (
    <section class="card">
      <h2>Qualifications</h2>
      {lines.length === 0 && (
        <p class="hint">None yet. At least one degree or certificate is needed to be bookable.</p>
      )}
      <ol class="qualifications">
        {lines.map((line, place) => (
          <li key={line.id ?? `new-${place}`}>
            <fieldset class="form">
              <legend class="sr-only">Qualification {place + 1}</legend>
              <Text draft={draft} place={place} line={line} part="title" edit={edit} />
              <div class="form-row">
                <Text draft={draft} place={place} line={line} part="institution" edit={edit} />
                <Text draft={draft} place={place} line={line} part="year" edit={edit} />
              </div>
              <button type="button" class="quiet danger" onClick={() => drop(place)}>
                Remove<span class="sr-only"> qualification {place + 1}</span>
              </button>
            </fieldset>
          </li>
        ))}
      </ol>
      <div>
        <button
          type="button"
          onClick={() => change([...lines, { id: null, title: "", institution: "", year: "" }])}
        >
          Add qualification
        </button>
      </div>
    </section>
  );
}

type Part = "title" | "institution" | "year";

const WORDS: Readonly<Record<Part, { label: string; maxLength: number }>> = {
  title: { label: "Degree or certificate", maxLength: 200 },
  institution: { label: "Institution", maxLength: 200 },
  year: { label: "Year", maxLength: 4 },
};

interface TextProps {
  draft: Draft<ProfileDraft>;
  place: number;
  line: QualificationDraft;
  part: Part;
  edit: (place: number, part: Partial<QualificationDraft>) => void;
}

function Text({ draft, place, line, part, edit }: TextProps) {
  const { label, maxLength } = WORDS[part];
  const error = draft.errorAt(`qualifications[${place}].${part}`);
  return (
    <Field label={label} error={error} {...(part !== "title" && { optional: true })}>
      {(attributes) => (
        <input
          {...attributes}
          maxLength={maxLength}
          {...(part === "year" && { inputMode: "numeric" as const })}
          value={line[part]}
          onInput={(event) => edit(place, { [part]: event.currentTarget.value })}
        />
      )}
    </Field>
  );
}
