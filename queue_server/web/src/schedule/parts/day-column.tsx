import { closedOf, slotPlace, slotWords } from "../model/calendar";
import { span, wallTime } from "../model/wall-time";
import type { CalendarDay, Slot } from "../wire";
import { Explained } from "./explained";
import { isVisible, position } from "./hours-grid";

interface DayColumnProps {
  day: CalendarDay;
  slots: readonly Slot[];
  hours: { from: number; to: number };
  onSlot: (slot: Slot) => void;
}

const SHAPES: Record<Slot["status"], string> = {
  free: "○",
  full: "●",
  held: "◐",
  blocked: "✕",
  past: "·",
  withdrawn: "–",
};

/** One day of one doctor: slots, and over what is closed the reason why. */
export function DayColumn({ day, slots, hours, onSlot }: DayColumnProps) {
  return (
    <>
      {closedOf(day)
        .filter((one) => isVisible(one, hours))
        .map((one) => (
          <div key={one.id} class={`band band-${one.look}`} style={position(one, hours)}>
            <Explained
              class={one.look === "outside" ? "band-label band-label-quiet" : "band-label"}
              label={`${one.title} ${span(one.start, one.end)}`}
              explanation={one.explanation}
            >
              {one.title}
            </Explained>
          </div>
        ))}
      {slots.map((slot) => {
        const place = slotPlace(slot, day.timezone);
        if (!isVisible(place, hours)) return null;
        return (
          <button
            key={slot.id}
            type="button"
            class={`slot slot-${slot.status}`}
            style={position(place, hours)}
            onClick={() => onSlot(slot)}
          >
            <span aria-hidden="true">{SHAPES[slot.status]}</span>
            <span class="slot-time">{wallTime(place.start)}</span>{" "}
            <span class="slot-words">{slotWords(slot)}</span>
          </button>
        );
      })}
    </>
  );
}
