import { useEffect, useMemo } from "preact/hooks";
import type { DoctorDetail } from "../../../../generated/contract";
import { isAdmin } from "../../../../staff/account";
import { useDraft } from "../../../../staff/draft";
import { DraftForm } from "../../../../staff/draft-form";
import { SelectField, TextField } from "../../../../staff/fields";
import { currencies, shownAmount } from "../../../../staff/model/money";
import { get, put } from "../../../../staff/rest";
import { tellDone } from "../../../../staff/toasts";
import type { DoctorTabProps } from "../../../section";
import { FEE_WORDS, type FeesDraft, feesDraftOf, feesOf } from "../model/fees";

const REMEMBERED = "queue-admin:currency";

/** What a visit costs: typed in major units, by the decimals of the currency. */
export function FeesCard({ doctor, reload }: DoctorTabProps) {
  const { id, name, fees } = doctor;
  const usual = localStorage.getItem(REMEMBERED) ?? "";
  const draft = useDraft(id, () => feesDraftOf(doctor, usual));
  useEffect(() => draft.rebase(feesDraftOf(doctor, usual)), [doctor]);
  const known = useMemo(() => currencies(), []);

  const save = async (value: FeesDraft, key: string): Promise<void> => {
    const made = feesOf(value);
    if ("faults" in made) return;
    const path = `/api/doctors/${id}/fees`;
    const saved = await put<DoctorDetail>(path, made.body, { key, version: value.version });
    localStorage.setItem(REMEMBERED, value.currency);
    draft.reset(feesDraftOf(saved, value.currency));
    await reload();
    tellDone(`The fees of ${name} are saved.`);
  };
  const submit: typeof draft.submit = async (work) => {
    const made = feesOf(draft.value.value);
    if (!("faults" in made)) return draft.submit(work);
    draft.complain(made.faults);
    return false;
  };
  const amount = (field: "consultation" | "followUp" | "tele", hint?: string) => (
    <TextField
      draft={draft}
      name={field}
      label={FEE_WORDS[field] ?? field}
      hint={hint}
      inputMode="decimal"
      {...(field !== "consultation" && { optional: true })}
    />
  );
  return (
    <section class="card">
      <div class="card-head">
        <h2>Fees</h2>
        {fees && <span class="chip">{shownAmount(fees.consultation, fees.currency)} a visit</span>}
      </div>
      <DraftForm
        draft={{ ...draft, submit }}
        label="Fees"
        save="Save fees"
        words={FEE_WORDS}
        readOnly={!isAdmin.value}
        readNow={async () => feesDraftOf(await get<DoctorDetail>(`/api/doctors/${id}`), usual)}
        onSave={save}
      >
        <SelectField
          draft={draft}
          name="currency"
          label="Currency"
          options={[
            { value: "", label: "Choose…" },
            ...known.map(({ code, name: text }) => ({ value: code, label: `${code} – ${text}` })),
          ]}
        />
        <div class="form-row">
          {amount("consultation")}
          {amount("followUp", "Empty: as a consultation")}
          {amount("tele", "Empty: as a consultation")}
        </div>
      </DraftForm>
    </section>
  );
}
