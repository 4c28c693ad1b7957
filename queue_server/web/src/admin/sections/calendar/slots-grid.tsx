import { useState } from "preact/hooks";
import { openOf, slotPlace } from "../../../schedule/model/calendar";
import { visibleHours } from "../../../schedule/model/layers";
import { DayColumn } from "../../../schedule/parts/day-column";
import { type Column, HoursGrid } from "../../../schedule/parts/hours-grid";
import { SlotDialog } from "../../../schedule/parts/slot-dialog";
import { useResources } from "../../../schedule/state/resources";
import type { CalendarDay, Slot } from "../../../schedule/wire";
import { account } from "../../../staff/account";

/** One column: a day of a doctor with its slots. */
export interface DayOfDoctor {
  id: string;
  label: string;
  head: preact.ComponentChildren;
  day: CalendarDay;
  slots: readonly Slot[];
  isToday: boolean;
}

interface SlotsGridProps {
  label: string;
  columns: readonly DayOfDoctor[];
  onChanged: () => void;
}

/** Rows must be high enough for the shortest slot to be hit with a finger. */
const LEAST_SLOT_PX = 26;
const LEAST_MINUTE_PX = 44 / 60;

/** Days side by side, with their slots to be opened. */
export function SlotsGrid({ label, columns, onChanged }: SlotsGridProps) {
  const resources = useResources();
  const [chosen, choose] = useState<{ slot: Slot; zone: string } | null>(null);
  const places = columns.flatMap(({ day, slots }) => [
    ...openOf(day),
    ...slots.map((slot) => slotPlace(slot, day.timezone)),
  ]);
  const hours = visibleHours(places, { from: 8 * 60, to: 17 * 60 });
  const shortest = Math.min(
    60,
    ...columns.flatMap(({ slots }) =>
      slots.map((one) => (Date.parse(one.end) - Date.parse(one.start)) / 60_000),
    ),
  );
  const minute = Math.max(LEAST_MINUTE_PX, LEAST_SLOT_PX / shortest);
  return (
    <>
      <div class="slots-grid" style={{ "--minute-px": `${minute}px` }}>
        <HoursGrid
          label={label}
          hours={hours}
          columns={columns.map(
            ({ id, label: name, head, day, slots, isToday }): Column => ({
              id,
              label: name,
              head,
              isToday,
              body: (
                <DayColumn
                  day={day}
                  slots={slots}
                  hours={hours}
                  onSlot={(slot) => choose({ slot, zone: day.timezone })}
                />
              ),
            }),
          )}
        />
      </div>
      {chosen && (
        <SlotDialog
          slot={chosen.slot}
          zone={chosen.zone}
          resources={resources}
          canChange={["receptionist", "admin"].includes(account.value?.role ?? "")}
          onChanged={() => {
            choose(null);
            onChanged();
          }}
          onClose={() => choose(null)}
        />
      )}
    </>
  );
}
