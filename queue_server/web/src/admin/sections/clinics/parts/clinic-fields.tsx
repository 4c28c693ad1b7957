import { useId, useMemo } from "preact/hooks";
import type { Draft } from "../../../../staff/draft";
import { SelectField, TextField } from "../../../../staff/fields";
import { countries, zones } from "../../../../staff/model/names";
import { type ClinicDraft, slugFor } from "../model/clinic";

/** Name, clock and address of a clinic. */
export function IdentityFields({ draft }: { draft: Draft<ClinicDraft> }) {
  const id = useId();
  const known = useMemo(() => zones(), []);
  return (
    <>
      <TextField draft={draft} name="name" label="Name" maxLength={200} required />
      <TextField
        draft={draft}
        name="slug"
        label="Short name"
        hint={`For addresses, like ${slugFor(draft.value.value.name) || "riverside-clinic"}`}
        maxLength={64}
        optional
      />
      <TextField
        draft={draft}
        name="timezone"
        label="Time zone"
        hint="All its times are those of this clock"
        list={id}
        required
      />
      <datalist id={id}>
        {known.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <TextField draft={draft} name="address" label="Address" maxLength={500} optional />
    </>
  );
}

/** How many patients the clinic takes. */
export function CapFields({ draft }: { draft: Draft<ClinicDraft> }) {
  return (
    <div class="form-row">
      <TextField
        draft={draft}
        name="perDay"
        at="capacity.perDay"
        label="Patients a day"
        hint="Empty: no cap"
        inputMode="numeric"
        optional
      />
      <TextField
        draft={draft}
        name="perWindow"
        at="capacity.perWindow"
        label="Patients a window"
        hint="A window is an hour, unless the policy says otherwise"
        inputMode="numeric"
        optional
      />
    </div>
  );
}

/** Whose public holidays the clinic keeps. */
export function HolidayFields({ draft }: { draft: Draft<ClinicDraft> }) {
  const known = useMemo(() => countries(), []);
  return (
    <div class="form-row">
      <SelectField
        draft={draft}
        name="country"
        at="holidays.country"
        label="Public holidays of"
        options={[
          { value: "", label: "No country: open on holidays" },
          ...known.map(({ code, name }) => ({ value: code, label: name })),
        ]}
      />
      <TextField
        draft={draft}
        name="region"
        at="holidays.region"
        label="Part of the country"
        hint="Its ISO code, like BY for Bavaria"
        maxLength={12}
        optional
      />
    </div>
  );
}
