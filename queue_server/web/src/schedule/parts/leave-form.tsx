import { Refused } from "../../shared/http";
import { Modal } from "../../shared/modal";
import { useDraft } from "../../staff/draft";
import { DraftForm } from "../../staff/draft-form";
import { AreaField, CheckField, SelectField, TextField } from "../../staff/fields";
import { post } from "../../staff/rest";
import { leaveName } from "../model/layers";
import { LEAVE_TYPES, leaveFaults } from "../model/leave";
import type { Leave } from "../wire";

interface LeaveFormProps {
  /** Whose leave it can be; a doctor asks for their own. */
  doctors: readonly { id: string; name: string }[];
  today: string;
  onAsked: (leave: Leave) => void;
  onClose: () => void;
}

const BLANK = {
  doctorId: "",
  type: "annual",
  first: "",
  last: "",
  partOfDay: false,
  start: "",
  end: "",
  reason: "",
};

/** A request for leave: whole days, or hours of one. */
export function LeaveForm({ doctors, today, onAsked, onClose }: LeaveFormProps) {
  const draft = useDraft("leave", () => ({ ...BLANK, doctorId: doctors[0]?.id ?? "" }));
  const { partOfDay, first } = draft.value.value;

  const save = async (value: typeof BLANK, key: string): Promise<void> => {
    const wrong = Object.entries(leaveFaults(value, today));
    if (wrong.length > 0) throw refusal(wrong.map(([field, message]) => ({ field, message })));
    onAsked(await post<Leave>("/api/leave-requests", bodyOf(value), { key }));
  };
  return (
    <Modal title="Ask for leave" onClose={onClose}>
      <DraftForm
        draft={draft}
        save="Ask for leave"
        saving="Asking…"
        isNew
        onSave={save}
        onCancel={onClose}
      >
        {doctors.length > 1 && (
          <SelectField
            draft={draft}
            name="doctorId"
            label="Doctor"
            options={doctors.map(({ id, name }) => ({ value: id, label: name }))}
          />
        )}
        <SelectField
          draft={draft}
          name="type"
          label="Kind of leave"
          options={LEAVE_TYPES.map((type) => ({ value: type, label: leaveName(type) }))}
        />
        <CheckField draft={draft} name="partOfDay" label="Only part of one day" />
        <div class="form-row">
          <TextField
            draft={draft}
            name="first"
            type="date"
            label={partOfDay ? "Day" : "First day"}
          />
          {!partOfDay && (
            <TextField draft={draft} name="last" type="date" label="Last day" min={first} />
          )}
          {partOfDay && <TextField draft={draft} name="start" type="time" label="From" />}
          {partOfDay && <TextField draft={draft} name="end" type="time" label="To" />}
        </div>
        <AreaField
          draft={draft}
          name="reason"
          label="Reason"
          hint="Seen by those who decide."
          optional
          rows={2}
          maxLength={300}
        />
      </DraftForm>
    </Modal>
  );
}

function bodyOf({ doctorId, type, first, last, partOfDay, start, end, reason }: typeof BLANK) {
  return {
    ...(doctorId && { doctorId }),
    type,
    first,
    last: partOfDay ? first : last,
    ...(partOfDay && { start, end }),
    ...(reason.trim() && { reason: reason.trim() }),
  };
}

/** What is wrong at first sight, as the server would say it. */
function refusal(errors: { field: string; message: string }[]): Refused {
  const detail = "Please look at the marked fields.";
  return new Refused({
    type: "about:blank",
    title: detail,
    status: 422,
    detail,
    code: "invalid",
    errors,
  });
}
