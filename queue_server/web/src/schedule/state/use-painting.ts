import { useRef, useState } from "preact/hooks";
import { DAY, snap } from "../model/wall-time";
import {
  type DraftSitting,
  moved,
  type Place,
  painted,
  STEP,
  stretched,
  type Week,
} from "../model/week";

// One drag at a time: paint on free ground, move a sitting, or pull one of its edges.

type Drag =
  | { kind: "paint"; weekday: number; from: number }
  | { kind: "move"; sitting: DraftSitting; grabbedAt: number }
  | { kind: "stretch"; sitting: DraftSitting; edge: "start" | "end" };

export interface Ghost extends Place {
  /** The sitting that is being dragged; null for a new one. */
  key: number | null;
}

interface PaintingOptions {
  week: Week;
  hours: { from: number; to: number };
  onPaint: (place: Place) => void;
  onMove: (key: number, place: Place) => void;
}

/** A touch this far from where it began scrolls; less is a tap. */
const SLOP = 8;
const TAPPED_MINUTES = 180;

/** Pointer drags over the columns of a week; `ghost` is where the drag stands. */
export function usePainting({ week, hours, onPaint, onMove }: PaintingOptions) {
  const [ghost, setGhost] = useState<Ghost | null>(null);
  const grid = useRef<HTMLDivElement>(null);

  function minuteAt(column: Element, y: number): number {
    const box = column.getBoundingClientRect();
    const part = (y - box.top) / box.height;
    const minute = hours.from + part * (hours.to - hours.from);
    return Math.min(Math.max(minute, hours.from), hours.to);
  }

  function columnAt(x: number): HTMLElement | null {
    const columns = [...(grid.current?.querySelectorAll<HTMLElement>("[data-weekday]") ?? [])];
    return columns.find((one) => x <= one.getBoundingClientRect().right) ?? columns.at(-1) ?? null;
  }

  function placeOf(drag: Drag, x: number, y: number): Place | null {
    if (drag.kind === "paint") {
      const column = grid.current?.querySelector(`[data-weekday="${drag.weekday}"]`);
      return column
        ? painted(week, drag.weekday, drag.from, snap(minuteAt(column, y), STEP))
        : null;
    }
    const column = columnAt(x);
    if (!column) return null;
    if (drag.kind === "stretch") {
      return stretched(drag.sitting, drag.edge, snap(minuteAt(column, y), STEP));
    }
    const minutes = snap(minuteAt(column, y) - drag.grabbedAt, STEP);
    const days = Number(column.dataset.weekday) - drag.sitting.weekday;
    return moved(drag.sitting, { days, minutes });
  }

  function follow(drag: Drag, begin: PointerEvent): void {
    const key = drag.kind === "paint" ? null : drag.sitting.key;
    let place: Place | null = null;
    const isFar = (event: PointerEvent) =>
      Math.hypot(event.clientX - begin.clientX, event.clientY - begin.clientY) >= SLOP;
    const onPointerMove = (event: PointerEvent) => {
      if (event.pointerId !== begin.pointerId || (place === null && !isFar(event))) return;
      place = placeOf(drag, event.clientX, event.clientY);
      setGhost(place && { ...place, key });
    };
    const end = () => {
      removeEventListener("pointermove", onPointerMove);
      removeEventListener("pointerup", drop);
      removeEventListener("pointercancel", end);
      removeEventListener("keydown", onKey, true);
      setGhost(null);
    };
    const drop = (event: PointerEvent) => {
      if (event.pointerId !== begin.pointerId) return;
      end();
      if (place === null) return;
      if (key === null) onPaint(place);
      else onMove(key, place);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      end();
    };
    addEventListener("pointermove", onPointerMove);
    addEventListener("pointerup", drop);
    addEventListener("pointercancel", end);
    addEventListener("keydown", onKey, true);
  }

  /** A drag with the mouse or a pen begins to paint; a finger scrolls, and paints by a tap. */
  function paintFrom(event: PointerEvent): void {
    const column = event.currentTarget as HTMLElement;
    if (event.button !== 0 || event.pointerType === "touch") return;
    event.preventDefault();
    const from = Math.floor(minuteAt(column, event.clientY) / STEP) * STEP;
    follow({ kind: "paint", weekday: Number(column.dataset.weekday), from }, event);
  }

  function tap(event: PointerEvent): void {
    const column = event.currentTarget as HTMLElement;
    if (event.pointerType !== "touch" || event.target !== column) return;
    const from = Math.floor(minuteAt(column, event.clientY) / 60) * 60;
    const to = Math.min(from + TAPPED_MINUTES, DAY);
    const place = painted(week, Number(column.dataset.weekday), from, to);
    if (place) onPaint(place);
  }

  function dragSitting(event: PointerEvent, sitting: DraftSitting): void {
    if (event.button !== 0 || event.pointerType === "touch") return;
    event.stopPropagation();
    const edge = (event.target as HTMLElement).dataset.edge as "start" | "end" | undefined;
    const column = (event.currentTarget as HTMLElement).closest("[data-weekday]");
    if (edge) follow({ kind: "stretch", sitting, edge }, event);
    else if (column) {
      follow({ kind: "move", sitting, grabbedAt: minuteAt(column, event.clientY) }, event);
    }
  }

  return { grid, ghost, paintFrom, tap, dragSitting };
}
