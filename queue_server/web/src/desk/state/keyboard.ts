import { inState } from "../../shared/queue";
import type { EntryAction } from "../model/actions";
import { type DeskKey, deskKey } from "../model/keys";
import { who } from "../model/words";
import { act } from "./act";
import { lanes, shown } from "./board";
import { callNext, refuse, run, undoNewest } from "./commands";
import { dialog, open } from "./dialog";
import { preferences } from "./preferences";
import { goToPage } from "./rebook";
import {
  entryId,
  neighbourLane,
  selectAndFocus,
  selectBy,
  selectEdge,
  selectedEntry,
  selectedQueue,
  selectLane,
  selectLaneBy,
} from "./selection";

const FIELDS = "input, textarea, select, [contenteditable]";

/** Let the keyboard run the board; returns the way to stop it. */
export function listenToKeys(): () => void {
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const typing = event.target instanceof Element && event.target.closest(FIELDS) !== null;
  const key = deskKey(event, {
    typing,
    dialog: dialog.value !== null,
    letters: preferences.value.letters,
  });
  // A held key repeats: fine for walking about, not for calling patients.
  if (!key || (event.repeat && !/^(select|lane)/.test(key.do))) return;
  event.preventDefault();
  perform(key);
}

function perform(key: DeskKey): void {
  const queue = selectedQueue.value ?? shown.value.get(lanes.value[0] ?? "");
  switch (key.do) {
    case "palette":
    case "help":
      open({ kind: key.do });
      break;
    case "book":
      goToPage("book", queue?.doctorId);
      break;
    case "walk-in":
    case "emergency":
      if (queue) open({ kind: key.do, lane: queue.doctorId });
      break;
    case "undo":
      void undoNewest(queue);
      break;
    case "call-next":
      if (queue) void callNext(queue);
      break;
    case "arrived":
    case "no-show":
      withSelected(key.do);
      break;
    case "start":
      withCurrent("start");
      break;
    case "recall":
      withCurrent("recall");
      break;
    case "finish":
      withCurrent("finish");
      break;
    case "reorder":
      withSelected(key.by < 0 ? "up" : "down");
      break;
    case "to-lane":
      toLane(key.by);
      break;
    case "select":
      selectBy(key.by);
      break;
    case "select-edge":
      selectEdge(key.edge);
      break;
    case "lane":
      selectLaneBy(key.by);
      break;
    case "lane-number":
      selectLane(key.number - 1);
      break;
    case "deselect":
      entryId.value = null;
      break;
  }
}

function withSelected(action: EntryAction): void {
  const queue = selectedQueue.value;
  const entry = selectedEntry.value;
  if (queue && entry) act(action, queue, entry);
  else refuse("no-selection", "Select a patient first: arrow keys, or a click on the card.");
}

function withCurrent(action: "start" | "recall" | "finish"): void {
  const queue = selectedQueue.value ?? shown.value.get(lanes.value[0] ?? "");
  if (!queue) return;
  const called = inState(queue, "called");
  const entry = action === "finish" ? (inState(queue, "in_consultation") ?? called) : called;
  if (entry) act(action, queue, entry);
  else refuse("nobody-there", `${queue.header.doctor.name}: nobody is called right now.`);
}

function toLane(by: -1 | 1): void {
  const queue = selectedQueue.value;
  const entry = selectedEntry.value;
  const target = neighbourLane(by);
  if (!queue || !entry || target === undefined) return;
  const name = shown.value.get(target)?.header.doctor.name;
  if (!name) {
    refuse("no-lane", `${who(entry)}: there is no lane on that side.`);
    return;
  }
  const body = { appointmentId: entry.id, doctorId: target };
  void run({ name: "transfer", lane: queue.doctorId, body });
  selectAndFocus(target, entry.id);
}
