import { Modal } from "../../../../shared/modal";
import { clinics } from "../../../../staff/directory";
import { useDraft } from "../../../../staff/draft";
import { DraftForm } from "../../../../staff/draft-form";
import { type Option, SelectField, TextField } from "../../../../staff/fields";
import { post } from "../../../../staff/rest";
import { tellDone } from "../../../../staff/toasts";
import { clinicFilter } from "../../../state/address";

interface NewResourceProps<T> {
  title: string;
  path: string;
  types: readonly Option[];
  firstType: string;
  close: () => void;
  made: (one: T) => void;
}

/** A room or a device to be added: where, what kind, and its name. */
export function NewResource<T extends { name: string }>(props: NewResourceProps<T>) {
  const { title, path, types, firstType, close, made } = props;
  const open = (clinics.value ?? []).filter((clinic) => clinic.active);
  const draft = useDraft(path, () => ({
    name: "",
    type: firstType,
    clinicId: clinicFilter.peek() ?? open[0]?.id ?? "",
  }));
  return (
    <Modal title={title} onClose={close}>
      <DraftForm
        draft={draft}
        isNew
        save="Add"
        saving="Adding…"
        onCancel={close}
        onSave={async (value, key) => {
          const one = await post<T>(path, { ...value, name: value.name.trim() }, { key });
          tellDone(`${one.name} was added.`);
          close();
          made(one);
        }}
      >
        <TextField draft={draft} name="name" label="Name" maxLength={200} required autofocus />
        <div class="form-row">
          <SelectField draft={draft} name="type" label="Kind" options={types} />
          <SelectField
            draft={draft}
            name="clinicId"
            label="Clinic"
            options={open.map(({ id, name }) => ({ value: id, label: name }))}
          />
        </div>
      </DraftForm>
    </Modal>
  );
}
