import { combine } from "@atlaskit/pragmatic-drag-and-drop/combine";
import {
  draggable,
  dropTargetForElements,
  monitorForElements,
} from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import {
  attachClosestEdge,
  extractClosestEdge,
} from "@atlaskit/pragmatic-drag-and-drop-hitbox/closest-edge";
import { autoScrollForElements } from "@atlaskit/pragmatic-drag-and-drop-auto-scroll/element";
import { dropPosition, type Edge } from "../model/drop";
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

/** Make a card draggable and a place to drop beside. */
export function dragCard(element: HTMLElement, lane: string, entry: string): Cleanup {
  const mark = (edge: Edge | null): void => {
    if (edge) element.dataset.drop = edge;
    else delete element.dataset.drop;
  };
  return combine(
    draggable({
      element,
      canDrag: () => canAct.value,
      getInitialData: () => ({ lane, entry }),
      onDragStart: () => element.classList.add("card-dragged"),
      onDrop: () => element.classList.remove("card-dragged"),
    }),
    dropTargetForElements({
      element,
      getData: ({ input }) =>
        attachClosestEdge({ lane, entry }, { element, input, allowedEdges: ["top", "bottom"] }),
      canDrop: ({ source }) => source.data["lane"] === lane && source.data["entry"] !== entry,
      onDrag: ({ self }) => mark(extractClosestEdge(self.data) as Edge | null),
      onDragLeave: () => mark(null),
      onDrop: () => mark(null),
    }),
  );
}

/** Make a lane a place to drop into. */
export function dropLane(element: HTMLElement, lane: string): Cleanup {
  return combine(
    dropTargetForElements({
      element,
      getData: () => ({ lane }),
      onDragEnter: ({ source }) => {
        if (source.data["lane"] !== lane) element.classList.add("lane-target");
      },
      onDragLeave: () => element.classList.remove("lane-target"),
      onDrop: () => element.classList.remove("lane-target"),
    }),
  );
}

/** Scroll `element` when a card is held at its border. */
export function scrollWhileDragging(element: HTMLElement): Cleanup {
  return autoScrollForElements({ element });
}

/** Turn drops into commands. */
export function listenToDrops(): Cleanup {
  return monitorForElements({
    onDrop: ({ source, location }) => {
      const over = location.current.dropTargets[0];
      if (over) drop(source.data, over.data, extractClosestEdge(over.data) as Edge | null);
    },
  });
}

function drop(held: Held, over: Held, edge: Edge | null): void {
  const lane = held["lane"] as string;
  const entry = held["entry"] as string;
  const target = over["lane"] as string;
  if (target !== lane) {
    void run({ name: "transfer", lane, body: { appointmentId: entry, doctorId: target } });
    return;
  }
  const line = shown.value.get(lane)?.line ?? [];
  const beside = over["entry"] as string | undefined;
  const position = dropPosition(line, entry, beside, edge ?? "bottom");
  if (position === undefined) return;
  selectAndFocus(lane, entry);
  if (preferences.value.askReason) open({ kind: "move", lane, entry, position });
  else void run({ name: "move", lane, body: { appointmentId: entry, newPosition: position } });
}
