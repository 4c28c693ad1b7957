import { Field } from "../../staff/fields";
import { type Editing, wrongDates } from "../state/editing";

interface EffectiveDatesProps {
  editing: Editing;
  isNew: boolean;
  clinics: readonly { id: string; name: string }[];
  onEdit: (to: Partial<Editing>) => void;
}

/** From when to when a schedule holds, and where: the clinic of a new one. */
export function EffectiveDates({ editing, isNew, clinics, onEdit }: EffectiveDatesProps) {
  const until = wrongDates(editing);
  return (
    <div class="form effective">
      {isNew && (
        <Field label="Clinic" error={undefined}>
          {(attributes) => (
            <select
              {...attributes}
              value={editing.clinicId}
              onChange={(event) => onEdit({ clinicId: event.currentTarget.value })}
            >
              {clinics.map((one) => (
                <option key={one.id} value={one.id} selected={one.id === editing.clinicId}>
                  {one.name}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      <div class="form-row">
        <Field label="In effect from" error={undefined}>
          {(attributes) => (
            <input
              {...attributes}
              type="date"
              value={editing.effectiveFrom}
              onInput={(event) => onEdit({ effectiveFrom: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field label="Last day" optional error={until || undefined}>
          {(attributes) => (
            <input
              {...attributes}
              type="date"
              value={editing.effectiveUntil}
              onInput={(event) => onEdit({ effectiveUntil: event.currentTarget.value })}
            />
          )}
        </Field>
      </div>
    </div>
  );
}
