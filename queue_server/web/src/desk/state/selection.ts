import { computed, effect, signal } from "@preact/signals";
import { lanes, shown, underWay } from "./board";

// Which lane and which card the keyboard acts on.

export const laneId = signal<string | null>(null);
export const entryId = signal<string | null>(null);

/** The selected lane's queue as it is shown. */
export const selectedQueue = computed(() =>
  laneId.value === null ? undefined : shown.value.get(laneId.value),
);

/** The selected card's entry. */
export const selectedEntry = computed(() =>
  selectedQueue.value?.entries.find((entry) => entry.id === entryId.value),
);

let place = 0;

/** Select a card, or just a lane. */
export function select(lane: string, entry: string | null): void {
  laneId.value = lane;
  entryId.value = entry;
}

/** Select and put the keyboard there. */
export function selectAndFocus(lane: string, entry: string | null): void {
  select(lane, entry);
  requestAnimationFrame(() => {
    const target = entry ? `entry-${entry}` : `call-${lane}`;
    document.getElementById(target)?.focus();
  });
}

/** Move the selection by `by` cards within the lane. */
export function selectBy(by: number): void {
  const queue = selectedQueue.value ?? shown.value.get(lanes.value[0] ?? "");
  if (!queue) return;
  const line = queue.line;
  const at = entryId.value === null ? -1 : line.indexOf(entryId.value);
  const next = at === -1 ? (by > 0 ? 0 : line.length - 1) : at + by;
  const entry = line[Math.min(Math.max(next, 0), line.length - 1)];
  selectAndFocus(queue.doctorId, entry ?? null);
}

/** Select the first or last card of the lane. */
export function selectEdge(edge: "first" | "last"): void {
  const queue = selectedQueue.value;
  if (!queue) return;
  selectAndFocus(queue.doctorId, (edge === "first" ? queue.line[0] : queue.line.at(-1)) ?? null);
}

/** Go to the lane with this index, at the same height. */
export function selectLane(index: number): void {
  const lane = lanes.value[index];
  const line = lane === undefined ? undefined : shown.value.get(lane)?.line;
  if (lane === undefined || !line) return;
  selectAndFocus(lane, line[Math.min(place, line.length - 1)] ?? null);
}

/** The lane `by` lanes away, if there is one. */
export function neighbourLane(by: number): string | undefined {
  const at = laneId.value === null ? -1 : lanes.value.indexOf(laneId.value);
  return at === -1 ? lanes.value[0] : lanes.value[at + by];
}

/** Select the lane `by` lanes away. */
export function selectLaneBy(by: number): void {
  const lane = neighbourLane(by);
  if (lane !== undefined) selectLane(lanes.value.indexOf(lane));
}

/** When the selected patient leaves the line, the one who takes the place is selected. */
export function keepSelection(): void {
  effect(() => {
    const queue = selectedQueue.value;
    const id = entryId.value;
    // A patient on the way to another lane may for a moment stand in neither.
    const moving = underWay.value.some((one) => one.entry?.id === id);
    if (!queue || id === null) return;
    const at = queue.line.indexOf(id);
    if (at >= 0) place = at;
    else if (!moving) entryId.value = queue.line[Math.min(place, queue.line.length - 1)] ?? null;
  });
}
