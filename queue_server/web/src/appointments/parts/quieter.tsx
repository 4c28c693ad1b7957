import { useEffect } from "preact/hooks";
import { quieter } from "../../book/model/quieter";
import type { SlotView, Suggestion, SuggestionsView } from "../../generated/contract";
import { zoneOf } from "../../schedule/state/zones";
import { clockTime } from "../../shared/time";
import { useResource } from "../../staff/resource";
import { get, query } from "../../staff/rest";
import type { Place } from "../state/place";

interface QuieterProps {
  place: Place;
  slots: readonly SlotView[];
}

/** The hours of a doctor's day that suit best, and why: a press leads to the first free time of one. */
export function Quieter({ place, slots }: QuieterProps) {
  const { doctorId, clinicId, date, mode } = place;
  const path = `/api/appointments/queue/suggest-slots/${doctorId}${query({ date })}`;
  const read = useResource(path, () => get<SuggestionsView>(path));
  const free = slots.filter(({ status }) => status === "free").length;
  useEffect(() => {
    // What makes an hour quiet changes with what is booked.
    if (read.value) void read.reload();
  }, [free]);
  const best = quieter(read.value?.suggestions ?? [], slots, mode);
  const zone = zoneOf(clinicId);
  return (
    <section class="quieter" aria-labelledby="quieter">
      <h3 id="quieter">Quieter hours</h3>
      {best.length > 0 ? (
        <ul>
          {best.map(({ hour, first }) => (
            <li key={hour.start}>
              <button type="button" onClick={() => focusOn(first)}>
                <strong>{range(hour, zone)}</strong>
                <span class="hint">{hour.reasons.join(" · ")}</span>
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <p class="hint">{read.isLoading ? "Looking…" : "None with a free time."}</p>
      )}
    </section>
  );
}

function range({ start, end }: Suggestion, zone: string): string {
  return `${clockTime(start, zone)}–${clockTime(end, zone)}`;
}

function focusOn({ id }: SlotView): void {
  document.querySelector<HTMLElement>(`.time[data-slot="${id}"]`)?.focus();
}
