import type { ComponentChildren, Ref } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { wallTime } from "../model/wall-time";

export interface Column {
  id: string;
  /** What the column is called aloud. */
  label: string;
  head: ComponentChildren;
  body: ComponentChildren;
  weekday?: number;
  isToday?: boolean;
  onPointerDown?: (event: PointerEvent) => void;
  onPointerUp?: (event: PointerEvent) => void;
}

interface HoursGridProps {
  label: string;
  hours: { from: number; to: number };
  columns: Column[];
  gridRef?: Ref<HTMLDivElement>;
  class?: string;
}

/** Hours downwards, days or doctors across. What lies in a column says where with `position`. */
export function HoursGrid({ label, hours, columns, gridRef, class: look = "" }: HoursGridProps) {
  const marks = marksBetween(hours.from, hours.to);
  const size = { "--columns": columns.length, "--minutes": hours.to - hours.from };
  const frame = useRef<HTMLElement>(null);
  const shown = columns.map((column) => column.id).join();
  useEffect(() => showToday(frame.current), [shown]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keyboard too
    <section ref={frame} class={`hours ${look}`} aria-label={label} tabIndex={0} style={size}>
      <div class="hours-heads">
        <span class="hours-corner" />
        {columns.map((column) => (
          <div key={column.id} class={column.isToday ? "hours-head is-today" : "hours-head"}>
            {column.head}
          </div>
        ))}
      </div>
      <div class="hours-body" {...(gridRef && { ref: gridRef })}>
        <div class="hours-marks" aria-hidden="true">
          {marks.map((minute) => (
            <span key={minute} style={{ "--start": minute - hours.from }}>
              {wallTime(minute)}
            </span>
          ))}
        </div>
        {columns.map((column) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring its own layout
          <div
            key={column.id}
            role="group"
            aria-label={column.label}
            class={column.isToday ? "hours-column is-today" : "hours-column"}
            data-weekday={column.weekday}
            onPointerDown={column.onPointerDown}
            onPointerUp={column.onPointerUp}
          >
            {column.body}
          </div>
        ))}
      </div>
    </section>
  );
}

/** Where not all columns fit, today's is in sight, at the left. */
function showToday(frame: HTMLElement | null): void {
  const today = frame?.querySelector<HTMLElement>(".hours-head.is-today");
  const corner = frame?.querySelector<HTMLElement>(".hours-corner");
  if (!frame || !today || !corner) return;
  const isInSight = today.offsetLeft + today.offsetWidth <= frame.clientWidth;
  if (!isInSight) frame.scrollLeft = today.offsetLeft - corner.offsetWidth;
}

/** Where a stretch of a day lies in its column. */
export function position(
  stretch: { start: number; end: number },
  hours: { from: number; to: number },
): Record<string, number> {
  const start = Math.max(stretch.start, hours.from);
  const end = Math.min(stretch.end, hours.to);
  return { "--start": start - hours.from, "--length": Math.max(end - start, 0) };
}

/** Whether any of a stretch can be seen. */
export function isVisible(
  stretch: { start: number; end: number },
  hours: { from: number; to: number },
): boolean {
  return stretch.start < hours.to && stretch.end > hours.from;
}

function marksBetween(from: number, to: number): number[] {
  return Array.from({ length: (to - from) / 60 }, (_, hour) => from + hour * 60);
}
