import { useEffect } from "preact/hooks";
import { isAdmin } from "../../../../staff/account";
import { useDraft } from "../../../../staff/draft";
import { DraftForm } from "../../../../staff/draft-form";
import { type Option, SelectField, TextField } from "../../../../staff/fields";
import { get, put } from "../../../../staff/rest";
import { tellDone } from "../../../../staff/toasts";

interface Named {
  id: string;
  name: string;
  type: string;
  version: number;
}

interface IdentityProps<T extends Named> {
  of: T;
  path: string;
  types: readonly Option[];
  take: (now: T) => void;
}

/** Name and kind of a room or a device. */
export function IdentityCard<T extends Named>({ of, path, types, take }: IdentityProps<T>) {
  const draftOf = ({ name, type, version }: Named) => ({ name, type, version });
  const draft = useDraft(of.id, () => draftOf(of));
  useEffect(() => draft.rebase(draftOf(of)), [of]);
  return (
    <section class="card">
      <h2>Name and kind</h2>
      <DraftForm
        draft={draft}
        label="Name and kind"
        save="Save"
        words={{ name: "Name", type: "Kind" }}
        readOnly={!isAdmin.value}
        readNow={async () => draftOf(await get<T>(path))}
        onSave={async ({ name, type, version }, key) => {
          const saved = await put<T>(path, { name: name.trim(), type }, { key, version });
          draft.reset(draftOf(saved));
          take(saved);
          tellDone(`${saved.name} is saved.`);
        }}
      >
        <TextField draft={draft} name="name" label="Name" maxLength={200} required />
        <SelectField draft={draft} name="type" label="Kind" options={types} />
      </DraftForm>
    </section>
  );
}
