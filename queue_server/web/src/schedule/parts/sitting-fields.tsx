import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { DAY, minutesOf, span, wallTime } from "../model/wall-time";
import { type DraftSitting, type Fault, type FaultField, slotCount, toggled } from "../model/week";
import { equipmentNames } from "../state/resources";
import type { Resources } from "../wire";

interface SittingFieldsProps {
  sitting: DraftSitting;
  faults: readonly Fault[];
  resources: Resources;
  isSelected: boolean;
  onChange: (key: number, to: Partial<DraftSitting>) => void;
  onRemove: (key: number) => void;
  onSelect?: (key: number) => void;
}

/** Fields that are folded away until they are wanted, or wrong. */
const INSIDE = new Set<FaultField>([
  "bufferMinutes",
  "inPerson",
  "tele",
  "total",
  "roomId",
  "equipmentIds",
]);

/** A sitting as a form: the same that is dragged in the grid. */
export function SittingFields(props: SittingFieldsProps) {
  const { sitting, faults, resources, isSelected, onChange, onRemove, onSelect } = props;
  const { key, start, end } = sitting;
  const isNextDay = end >= DAY;
  const change = (to: Partial<DraftSitting>) => onChange(key, to);
  const fault = (field: FaultField) => faults.find((one) => one.field === field)?.message;
  const setEnd = (clock: number, nextDay: boolean) =>
    change({ end: clock + (nextDay && !Number.isNaN(clock) ? DAY : 0) });
  const clockOfEnd = isNextDay ? end - DAY : end;
  const isWrongInside = faults.some((one) => INSIDE.has(one.field));
  const [isUnfolded, setOpen] = useState(false);
  const isOpen = isUnfolded || isWrongInside;
  const name = Number.isNaN(start) || Number.isNaN(end) ? "this sitting" : span(start, end);
  return (
    <fieldset
      class={isSelected ? "sitting-form sitting-form-selected" : "sitting-form"}
      onFocusCapture={() => onSelect?.(key)}
    >
      <legend class="sr-only">{name}</legend>
      <div class="sitting-times">
        <Labelled id={`from-${key}`} label="From" error={fault("start")}>
          {(attributes) => (
            <input
              {...attributes}
              type="time"
              step={300}
              value={timeValue(start)}
              onInput={(event) => change({ start: minutesOf(event.currentTarget.value) })}
            />
          )}
        </Labelled>
        <Labelled id={`to-${key}`} label="To" error={fault("end")}>
          {(attributes) => (
            <input
              {...attributes}
              type="time"
              step={300}
              value={timeValue(clockOfEnd)}
              onInput={(event) => setEnd(minutesOf(event.currentTarget.value), isNextDay)}
            />
          )}
        </Labelled>
        <button
          type="button"
          class="icon-button"
          aria-label={`Remove ${name}`}
          onClick={() => onRemove(key)}
        >
          <span aria-hidden="true">✕</span>
        </button>
      </div>
      <div class="sitting-slot" data-open={isOpen ? "" : undefined}>
        <Numbered label="Slot" unit="min" field="slotMinutes" of={props} />
        <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>
            {slotCount(sitting)} slots{more(sitting, resources)}
          </summary>
          <div class="sitting-more">
            <label class="check check-small">
              <input
                type="checkbox"
                checked={isNextDay}
                onChange={(event) => setEnd(clockOfEnd, event.currentTarget.checked)}
              />
              Ends the next day
            </label>
            <Numbered label="Buffer" unit="min" field="bufferMinutes" of={props} />
            <Numbered label="In person" field="inPerson" of={props} />
            <Numbered label="By video" field="tele" of={props} />
            <Numbered label="In all" field="total" of={props} />
            <Labelled label="Room" error={fault("roomId")}>
              {(attributes) => (
                <select
                  {...attributes}
                  value={sitting.roomId ?? ""}
                  onChange={(event) => change({ roomId: event.currentTarget.value || null })}
                >
                  <option value="">No room</option>
                  {resources.rooms.map((room) => (
                    <option key={room.id} value={room.id} selected={room.id === sitting.roomId}>
                      {room.name}
                    </option>
                  ))}
                </select>
              )}
            </Labelled>
            <EquipmentChoice of={props} error={fault("equipmentIds")} />
          </div>
        </details>
      </div>
    </fieldset>
  );
}

/** Which equipment the sitting takes: nothing to ask where the clinic has none. */
function EquipmentChoice({ of, error }: { of: SittingFieldsProps; error: string | undefined }) {
  const { sitting, resources, onChange } = of;
  const said = useId();
  if (resources.equipment.length === 0) return null;
  return (
    <fieldset
      class={error ? "sitting-equipment field-wrong" : "sitting-equipment"}
      aria-describedby={error && said}
    >
      <legend class="small-label">Equipment</legend>
      {resources.equipment.map(({ id, name }) => (
        <label key={id} class="check check-small">
          <input
            type="checkbox"
            checked={sitting.equipmentIds.includes(id)}
            onChange={() =>
              onChange(sitting.key, { equipmentIds: toggled(sitting.equipmentIds, id) })
            }
          />
          {name}
        </label>
      ))}
      {error && (
        <p class="field-error" id={said}>
          <span aria-hidden="true">! </span>
          {error}
        </p>
      )}
    </fieldset>
  );
}

/** What differs from one patient in person at a time: " · buffer 5 min · Room 4". */
function more(sitting: DraftSitting, resources: Resources): string {
  const { bufferMinutes, inPerson, tele, total, roomId, equipmentIds } = sitting;
  const parts = [
    bufferMinutes > 0 && `buffer ${bufferMinutes} min`,
    (inPerson !== 1 || tele > 0 || total !== 1) && capacity(inPerson, tele, total),
    roomId && (resources.rooms.find((one) => one.id === roomId)?.name ?? "a room"),
    equipmentNames(resources, equipmentIds),
  ].filter(Boolean);
  return parts.length > 0 ? ` · ${parts.join(" · ")}` : "";
}

function capacity(inPerson: number, tele: number, total: number): string {
  if (tele === 0) return `${inPerson} each in person`;
  if (inPerson === 0) return `${tele} each by video`;
  return `${total} each (${inPerson} in person, ${tele} by video)`;
}

function timeValue(minutes: number): string {
  return Number.isNaN(minutes) ? "" : wallTime(minutes);
}

interface NumberedProps {
  label: string;
  unit?: string;
  field: "slotMinutes" | "bufferMinutes" | "inPerson" | "tele" | "total";
  of: SittingFieldsProps;
}

function Numbered({ label, unit, field, of }: NumberedProps) {
  const { sitting, faults, onChange } = of;
  const value = sitting[field];
  return (
    <Labelled
      label={unit ? `${label}, ${unit}` : label}
      error={faults.find((one) => one.field === field)?.message}
    >
      {(attributes) => (
        <input
          {...attributes}
          type="number"
          inputMode="numeric"
          min={0}
          value={Number.isNaN(value) ? "" : value}
          onInput={(event) => onChange(sitting.key, { [field]: event.currentTarget.valueAsNumber })}
        />
      )}
    </Labelled>
  );
}

interface LabelledProps {
  id?: string;
  label: string;
  error: string | undefined;
  children: (attributes: {
    id: string;
    "aria-invalid"?: "true";
    "aria-describedby"?: string;
  }) => ComponentChildren;
}

function Labelled({ id: given, label, error, children }: LabelledProps) {
  const made = useId();
  const id = given ?? made;
  const wrong = { "aria-invalid": "true" as const, "aria-describedby": `${id}-error` };
  return (
    <div class={error ? "small-field field-wrong" : "small-field"}>
      <label class="small-label" for={id}>
        {label}
      </label>
      {children({ id, ...(error && wrong) })}
      {error && (
        <p class="field-error" id={`${id}-error`}>
          <span aria-hidden="true">! </span>
          {error}
        </p>
      )}
    </div>
  );
}
