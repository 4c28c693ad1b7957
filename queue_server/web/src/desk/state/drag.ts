import {
  draggable,
  dropTargetForElements,
  monitorForElements,
} from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { cardBelow, dropPosition } from "../model/drop";
import { shown } from "./board";
import { run } from "./commands";
import { open } from "./dialog";
import { canAct } from "./live";
import { preferences } from "./preferences";
import { selectAndFocus } from "./selection";

// Dragging: within a lane it moves, onto another lane it transfers. The keyboard does the same
// with Alt and the arrows.

type Cleanup = () => void;
type Held = Record<string | symbol, unknown>;

/** Make a card draggable. */
export function dragCard(element: HTMLElement, lane: string, entry: string): Cleanup {
  return draggable({
    element,
    canDrag: () => canAct.value,
    getInitialData: () => ({ lane, entry }),
    onDragStart: () => element.classList.add("card-dragged"),
    onDrop: () => element.classList.remove("card-dragged"),
  });
}

/** Make a lane a place to drop into: beside its own cards, or anywhere for those of others. */
export function dropLane(element: HTMLElement, lane: string): Cleanup {
  const unmark = (): void => {
    element.classList.remove("lane-target");
    for (const card of element.querySelectorAll<HTMLElement>("[data-drop]")) {
      delete card.dataset.drop;
    }
  };
  return dropTargetForElements({
    element,
    getData: ({ input }) => ({ lane, before: entryBelow(element, input.clientY) }),
    onDrag: ({ self, source }) => {
      unmark();
      if (source.data.lane === lane) mark(element, self.data.before as string | undefined);
      else element.classList.add("lane-target");
    },
    onDragLeave: unmark,
    onDrop: unmark,
  });
}

/** Turn drops into commands. */
export function listenToDrops(): Cleanup {
  return monitorForElements({
    onDrop: ({ source, location }) => {
      const over = location.current.dropTargets[0];
      if (over) drop(source.data, over.data);
    },
  });
}

function cardsOf(lane: HTMLElement): HTMLElement[] {
  return [...lane.querySelectorAll<HTMLElement>("[data-entry]")];
}

function entryBelow(lane: HTMLElement, y: number): string | undefined {
  const places = cardsOf(lane).map((card) => {
    const { top, height } = card.getBoundingClientRect();
    return { id: card.dataset.entry ?? "", middle: top + height / 2 };
  });
  return cardBelow(places, y);
}

function mark(lane: HTMLElement, before: string | undefined): void {
  const cards = cardsOf(lane);
  const card = cards.find((one) => one.dataset.entry === before);
  if (card) card.dataset.drop = "before";
  else cards.at(-1)?.setAttribute("data-drop", "after");
}

function drop(held: Held, over: Held): void {
  const lane = held.lane as string;
  const entry = held.entry as string;
  const target = over.lane as string;
  if (target !== lane) {
    void run({ name: "transfer", lane, body: { appointmentId: entry, doctorId: target } });
    return;
  }
  const line = shown.value.get(lane)?.line ?? [];
  const position = dropPosition(line, entry, over.before as string | undefined);
  if (position === undefined) return;
  selectAndFocus(lane, entry);
  if (preferences.value.askReason) open({ kind: "move", lane, entry, position });
  else void run({ name: "move", lane, body: { appointmentId: entry, newPosition: position } });
}
