import type { Band } from "../model/layers";
import { fullDate, shortDate, span, weekdayOf } from "../model/wall-time";
import type { DraftSitting, Place, Week } from "../model/week";
import { usePainting } from "../state/use-painting";
import { BandView } from "./band";
import { type Column, HoursGrid, position } from "./hours-grid";
import { SittingBlock } from "./sitting-block";

interface PaintGridProps {
  dates: readonly string[];
  today: string;
  week: Week;
  bands: readonly Band[];
  hours: { from: number; to: number };
  selected: number | null;
  wrong: ReadonlySet<number>;
  replaced: ReadonlySet<string>;
  onSelect: (key: number) => void;
  onOpen: (key: number) => void;
  onPaint: (place: Place) => void;
  onMove: (key: number, place: Place) => void;
  onRemove: (key: number) => void;
  onDate: (date: string) => void;
  onBand: (band: Band) => void;
}

/** Seven days with their layers; what is dragged over becomes a sitting of every such week. */
export function PaintGrid(props: PaintGridProps) {
  const { dates, today, week, bands, hours, replaced } = props;
  const painting = usePainting({ week, hours, onPaint: props.onPaint, onMove: props.onMove });
  const { ghost } = painting;

  const block = (sitting: DraftSitting, date: string) => (
    <SittingBlock
      key={sitting.key}
      sitting={sitting}
      hours={hours}
      isSelected={props.selected === sitting.key}
      isWrong={props.wrong.has(sitting.key)}
      isReplaced={replaced.has(date)}
      isDragged={ghost?.key === sitting.key}
      onSelect={props.onSelect}
      onMove={props.onMove}
      onRemove={props.onRemove}
      onOpen={props.onOpen}
      onDrag={painting.dragSitting}
    />
  );
  const columns = dates.map((date): Column => {
    const weekday = weekdayOf(date);
    return {
      id: date,
      label: fullDate(date),
      weekday,
      isToday: date === today,
      onPointerDown: painting.paintFrom,
      onPointerUp: painting.tap,
      head: (
        <button
          type="button"
          class="date-button"
          disabled={date < today}
          onClick={() => props.onDate(date)}
        >
          {shortDate(date)}
          <span class="sr-only">: change this date only</span>
          {date === today && <span class="today-word">today</span>}
        </button>
      ),
      body: (
        <>
          {week.filter((one) => one.weekday === weekday).map((one) => block(one, date))}
          {bands
            .filter((one) => one.date === date)
            .map((band) => (
              <BandView key={band.id} band={band} hours={hours} onOpen={props.onBand} />
            ))}
          {ghost?.weekday === weekday && (
            <div class="ghost" style={position(ghost, hours)} aria-hidden="true">
              {span(ghost.start, ghost.end)}
            </div>
          )}
        </>
      ),
    };
  });
  return (
    <>
      <HoursGrid
        label="Week"
        class="hours-painted"
        hours={hours}
        columns={columns}
        gridRef={painting.grid}
      />
      <p id="painting-keys" class="hint painting-keys">
        Drag over free hours to paint a sitting. Arrow keys move a chosen one, Shift with up or down
        moves its end, Delete takes it away. A date's name changes that date only.
      </p>
    </>
  );
}
