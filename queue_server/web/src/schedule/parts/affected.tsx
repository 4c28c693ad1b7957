import type { ComponentChildren } from "preact";
import { distance } from "../model/preview-words";
import { daysBetween, shortDate, wallClock, wallTime } from "../model/wall-time";
import { zoneOf } from "../state/zones";
import type { Suggestion } from "../wire";

export interface Hit {
  appointmentId: string;
  patientName: string;
  /** Where somebody has to call them. */
  patientPhone?: string | null;
  start: string;
  doctorId: string;
  clinicId: string;
  suggestion: Suggestion | null;
}

interface AffectedProps<T extends Hit> {
  hits: readonly T[];
  label: string;
  /** What can be done about one. */
  action?: ((hit: T) => ComponentChildren) | undefined;
}

/** Appointments that lose their time, each with the nearest other one. */
export function Affected<T extends Hit>({ hits, label, action }: AffectedProps<T>) {
  if (hits.length === 0) return null;
  return (
    <ul class="affected" aria-label={label}>
      {hits.map((hit) => (
        <li key={hit.appointmentId}>
          <span class="affected-who">
            {hit.patientName || "Patient"}
            {hit.patientPhone && (
              <a class="affected-phone" href={`tel:${hit.patientPhone.replace(/[^+\d]/g, "")}`}>
                {hit.patientPhone}
              </a>
            )}
          </span>
          <span class="affected-was">
            <span class="sr-only">now </span>
            {when(hit.start, zoneOf(hit.clinicId))}
          </span>
          <span class="affected-arrow" aria-hidden="true">
            →
          </span>
          <NewTime hit={hit} zone={zoneOf(hit.clinicId)} />
          {action?.(hit)}
        </li>
      ))}
    </ul>
  );
}

function NewTime({ hit, zone }: { hit: Hit; zone: string }) {
  const { suggestion } = hit;
  if (!suggestion) {
    return (
      <span class="badge badge-warn">
        <span aria-hidden="true">! </span>No free time found
      </span>
    );
  }
  const from = wallClock(hit.start, zone).date;
  const to = wallClock(suggestion.start, zone).date;
  return (
    <span class="affected-new">
      <span class="sr-only">suggested </span>
      {when(suggestion.start, zone)}
      {suggestion.doctorId !== hit.doctorId && ` with ${suggestion.doctorName}`}
      <span class="hint"> · {distance(from, to, daysBetween(from, to))}</span>
    </span>
  );
}

/** "Mon 23 Nov, 09:15" by the clinic's clock. */
export function when(instant: string, zone: string): string {
  const { date, minutes } = wallClock(instant, zone);
  return `${shortDate(date)}, ${wallTime(minutes)}`;
}
