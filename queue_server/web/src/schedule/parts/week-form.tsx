import { useState } from "preact/hooks";
import { WEEKDAYS, weekdayName } from "../model/wall-time";
import { copyDay, type DraftSitting, type Fault, slotCount, type Week } from "../model/week";
import type { Resources } from "../wire";
import { SittingFields } from "./sitting-fields";

interface WeekFormProps {
  week: Week;
  faults: readonly Fault[];
  resources: Resources;
  selected: number | null;
  onSelect: (key: number) => void;
  onChange: (key: number, to: Partial<DraftSitting>) => void;
  onRemove: (key: number) => void;
  onAdd: (weekday: number) => void;
  onWeek: (week: Week) => void;
}

/** The week as a form: everything that can be dragged can be typed here. */
export function WeekForm(props: WeekFormProps) {
  return (
    <div class="week-form">
      {WEEKDAYS.map((name, index) => (
        <Day key={name} weekday={index + 1} {...props} />
      ))}
    </div>
  );
}

function Day({ weekday, ...props }: WeekFormProps & { weekday: number }) {
  const { week, faults, resources, selected, onSelect, onChange, onRemove, onAdd, onWeek } = props;
  const [isCopying, setCopying] = useState(false);
  // In the order they were made: a row must not jump away under the hands that change its time.
  const sittings = week
    .filter((one) => one.weekday === weekday)
    .sort((one, other) => one.key - other.key);
  const slots = sittings.reduce((sum, one) => sum + slotCount(one), 0);
  const name = weekdayName(weekday);
  return (
    <section class="day-form" aria-label={name}>
      <header class="day-form-head">
        <h3>{name}</h3>
        <span class="hint">{sittings.length === 0 ? "Closed" : `${slots} slots`}</span>
        {sittings.length > 0 && (
          <button
            type="button"
            class="quiet"
            aria-expanded={isCopying}
            onClick={() => setCopying(!isCopying)}
          >
            Copy<span class="sr-only"> {name}</span> to…
          </button>
        )}
        <button type="button" class="quiet" onClick={() => onAdd(weekday)}>
          <span aria-hidden="true">+</span> Add<span class="sr-only"> a sitting on {name}</span>
        </button>
      </header>
      {isCopying && (
        <CopyTo
          weekday={weekday}
          onCopy={(to) => {
            onWeek(copyDay(week, weekday, to));
            setCopying(false);
          }}
        />
      )}
      {sittings.map((sitting) => (
        <SittingFields
          key={sitting.key}
          sitting={sitting}
          faults={faults.filter((one) => one.key === sitting.key)}
          resources={resources}
          isSelected={sitting.key === selected}
          onChange={onChange}
          onRemove={onRemove}
          onSelect={onSelect}
        />
      ))}
    </section>
  );
}

function CopyTo({ weekday, onCopy }: { weekday: number; onCopy: (to: number[]) => void }) {
  const [chosen, choose] = useState<ReadonlySet<number>>(new Set());
  const toggle = (day: number) => {
    const next = new Set(chosen);
    if (!next.delete(day)) next.add(day);
    choose(next);
  };
  return (
    <fieldset class="copy-to">
      <legend>Replace these days with {weekdayName(weekday)}</legend>
      {WEEKDAYS.map((name, index) =>
        index + 1 === weekday ? null : (
          <label key={name} class="copy-day">
            <input
              type="checkbox"
              checked={chosen.has(index + 1)}
              onChange={() => toggle(index + 1)}
            />
            {name}
          </label>
        ),
      )}
      <button type="button" disabled={chosen.size === 0} onClick={() => onCopy([...chosen])}>
        Copy
      </button>
    </fieldset>
  );
}
