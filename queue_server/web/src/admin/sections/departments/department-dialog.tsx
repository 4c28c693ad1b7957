import type { AccountView, DepartmentView } from "../../../generated/contract";
import { Modal } from "../../../shared/modal";
import { clinics } from "../../../staff/directory";
import { useDraft } from "../../../staff/draft";
import { DraftForm } from "../../../staff/draft-form";
import { CheckField, ChecksField, SelectField, TextField } from "../../../staff/fields";
import { get, post, put } from "../../../staff/rest";
import { tellDone } from "../../../staff/toasts";

interface DepartmentDialogProps {
  /** Null for a new one. */
  department: DepartmentView | null;
  heads: readonly AccountView[];
  close: () => void;
  changed: () => Promise<void>;
}

const WORDS = { name: "Name", head: "Head", clinicIds: "Clinics", active: "Open" };

/** A department: its name, its head and where it is. */
export function DepartmentDialog({ department, heads, close, changed }: DepartmentDialogProps) {
  const draft = useDraft(department?.id ?? "new", () => draftOf(department));
  const path = `/api/departments/${department?.id}`;
  const save = async (value: DepartmentDraft, key: string): Promise<void> => {
    const { name, head, clinicIds, active, version } = value;
    const body = { name: name.trim(), clinicIds, headAccountId: head || null };
    const saved = department
      ? await put<DepartmentView>(path, { ...body, active }, { key, version })
      : await post<DepartmentView>("/api/departments", body, { key });
    tellDone(`${saved.name} is saved.`);
    await changed().catch(() => undefined);
  };
  return (
    <Modal title={department ? department.name : "New department"} onClose={close}>
      <DraftForm
        draft={draft}
        isNew={department === null}
        save={department ? "Save" : "Add department"}
        words={WORDS}
        readNow={async () => draftOf(await get<DepartmentView>(path))}
        onSave={save}
        onDone={close}
        onCancel={close}
      >
        <TextField draft={draft} name="name" label="Name" maxLength={200} required autofocus />
        <SelectField
          draft={draft}
          name="head"
          at="headAccountId"
          label="Head"
          hint="An account of a department head or an administrator"
          optional
          options={[
            { value: "", label: "Nobody yet" },
            ...heads.map(({ id, name, email }) => ({ value: id, label: `${name} (${email})` })),
          ]}
        />
        <ChecksField
          draft={draft}
          name="clinicIds"
          label="Clinics (none chosen: all)"
          empty="There are no clinics yet."
          options={(clinics.value ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        />
        {department && (
          <CheckField
            draft={draft}
            name="active"
            label="Open"
            detail="A closed department takes no further doctors."
          />
        )}
      </DraftForm>
    </Modal>
  );
}

interface DepartmentDraft {
  name: string;
  head: string;
  clinicIds: string[];
  active: boolean;
  version: number;
}

function draftOf(department: DepartmentView | null): DepartmentDraft {
  return {
    name: department?.name ?? "",
    head: department?.headAccountId ?? "",
    clinicIds: department?.clinicIds ?? [],
    active: department?.active ?? true,
    version: department?.version ?? 0,
  };
}
