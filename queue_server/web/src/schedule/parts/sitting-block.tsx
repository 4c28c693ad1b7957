import { announce } from "../../shared/announce";
import { span, weekdayName } from "../model/wall-time";
import { type DraftSitting, moved, type Place, STEP, slotCount, stretched } from "../model/week";
import { isVisible, position } from "./hours-grid";

interface SittingBlockProps {
  sitting: DraftSitting;
  hours: { from: number; to: number };
  isSelected: boolean;
  isWrong: boolean;
  /** Whether other hours hold on the date that is shown. */
  isReplaced: boolean;
  isDragged: boolean;
  onSelect: (key: number) => void;
  onMove: (key: number, place: Place) => void;
  onRemove: (key: number) => void;
  onOpen: (key: number) => void;
  onDrag: (event: PointerEvent, sitting: DraftSitting) => void;
}

/** A painted sitting: dragged with the mouse, moved and stretched with the arrow keys. */
export function SittingBlock(props: SittingBlockProps) {
  const { sitting, hours, onSelect, onMove, onRemove, onOpen, onDrag } = props;
  if (!isVisible(sitting, hours)) return null;
  const when = span(sitting.start, sitting.end);
  const slots = slotCount(sitting);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      onRemove(sitting.key);
      return;
    }
    const place = event.ctrlKey || event.metaKey || event.altKey ? null : byKey(sitting, event);
    if (!place) return;
    event.preventDefault();
    onMove(sitting.key, place);
    announce(`${weekdayName(place.weekday)} ${span(place.start, place.end)}`);
    focusSitting(sitting.key);
  };

  const look = [
    "sitting",
    props.isSelected && "sitting-selected",
    props.isWrong && "sitting-wrong",
    props.isReplaced && "sitting-replaced",
    props.isDragged && "sitting-dragged",
  ].filter(Boolean);
  return (
    <button
      type="button"
      id={`sitting-${sitting.key}`}
      class={look.join(" ")}
      style={position(sitting, hours)}
      aria-describedby="painting-keys"
      onFocus={() => onSelect(sitting.key)}
      onClick={() => onOpen(sitting.key)}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => onDrag(event, sitting)}
    >
      <span class="sitting-edge" data-edge="start" aria-hidden="true" />
      <span class="sitting-when">
        <span class="sr-only">{weekdayName(sitting.weekday)} </span>
        {when}
      </span>
      <span class="sitting-slots">
        {props.isWrong && <span class="sitting-fault">! </span>}
        {slots} × {sitting.slotMinutes} min
        {props.isWrong && <span class="sr-only">, to be corrected</span>}
        {props.isReplaced && <span class="sr-only">, replaced on this date</span>}
      </span>
      <span class="sitting-edge sitting-edge-end" data-edge="end" aria-hidden="true" />
    </button>
  );
}

/** Arrows move; with Shift, up and down pull the end. */
function byKey(sitting: DraftSitting, event: KeyboardEvent): Place | null {
  const by = event.key === "ArrowUp" ? -STEP : STEP;
  switch (event.key) {
    case "ArrowUp":
    case "ArrowDown":
      return event.shiftKey
        ? stretched(sitting, "end", sitting.end + by)
        : moved(sitting, { minutes: by });
    case "ArrowLeft":
      return moved(sitting, { days: -1 });
    case "ArrowRight":
      return moved(sitting, { days: 1 });
    default:
      return null;
  }
}

/** Put the keyboard on a sitting of the grid, once it stands where it was moved to. */
export function focusSitting(key: number): void {
  requestAnimationFrame(() => document.getElementById(`sitting-${key}`)?.focus());
}
