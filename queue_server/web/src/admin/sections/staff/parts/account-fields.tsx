import type { DoctorDetail, Role } from "../../../../generated/contract";
import { byName } from "../../../../shared/names";
import { account } from "../../../../staff/account";
import { clinics } from "../../../../staff/directory";
import type { Draft } from "../../../../staff/draft";
import { ChecksField, SelectField, TextField } from "../../../../staff/fields";
import { useResource } from "../../../../staff/resource";
import { all } from "../../../../staff/rest";
import type { AccountDraft } from "../model/account";
import { mayBeDoctor, roleDoes, roleOptions } from "../model/roles";

type Rights = Omit<AccountDraft, "version">;

/** What the account is called. */
export function NameField<T extends Rights>({ draft }: { draft: Draft<T> }) {
  return (
    <TextField
      draft={draft as unknown as Draft<Rights>}
      name="name"
      label="Name"
      hint="As colleagues read it, at the desk and beside what was done"
      maxLength={200}
      required
    />
  );
}

interface RightsProps<T extends Rights> {
  draft: Draft<T>;
  /** The role that the account has already. */
  kept?: Role;
}

/** What somebody may do, as whom and where. */
export function RightsFields<T extends Rights>({ draft: given, kept }: RightsProps<T>) {
  const draft = given as unknown as Draft<Rights>;
  const { role } = draft.value.value;
  const isLimited = (account.value?.clinicIds ?? []).length > 0;
  return (
    <>
      <SelectField
        draft={draft}
        name="role"
        label="Role"
        hint={roleDoes(role)}
        options={roleOptions(account.value?.role ?? "admin", kept)}
      />
      {mayBeDoctor(role) && <DoctorField draft={draft} />}
      <ChecksField
        draft={draft}
        name="clinicIds"
        label={isLimited ? "Clinics (at least one)" : "Clinics (none chosen: all)"}
        empty="There are no clinics yet."
        options={(clinics.value ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      />
    </>
  );
}

function DoctorField({ draft }: { draft: Draft<Rights> }) {
  const found = useResource("doctors", () => all<DoctorDetail>("/api/doctors?limit=200"));
  const { role, clinicIds } = draft.value.value;
  const isNeeded = role === "doctor";
  // Of the account's clinics: elsewhere somebody else may bear the same name.
  const isOffered = ({ id, clinicIds: at }: DoctorDetail) =>
    clinicIds.length === 0 ||
    id === draft.value.value.doctorId ||
    at.some((one) => clinicIds.includes(one));
  const nobody = isNeeded ? "Choose a doctor" : "Nobody: does not see patients";
  return (
    <SelectField
      draft={draft}
      name="doctorId"
      label="Doctor"
      hint={doctorHint(found.value, found.failure, isNeeded)}
      optional={!isNeeded}
      options={[
        { value: "", label: found.value === null && !found.failure ? "Loading…" : nobody },
        ...byName((found.value ?? []).filter(isOffered)).map(({ id, name }) => ({
          value: id,
          label: name,
        })),
      ]}
    />
  );
}

function doctorHint(
  found: readonly DoctorDetail[] | null,
  failure: Error | null,
  isNeeded: boolean,
): string {
  if (failure) return `The doctors could not be loaded: ${failure.message}`;
  if (found?.length === 0) return "There are no doctors yet. Add the doctor first.";
  return isNeeded
    ? "Whose line, schedule and leave this account opens"
    : "Of a head who sees patients, too";
}
