import type { FoundAppointment, StaffEntry, StaffQueue } from "../../generated/contract";
import { badgesOf } from "../../shared/badges";
import { navigate } from "../../shared/route";
import { clockTime } from "../../shared/time";
import { allows, type EntryAction } from "../model/actions";
import type { PaletteItem } from "../model/palette";
import { who } from "../model/words";
import { act } from "./act";
import { lanes, shown } from "./board";
import { callNext, run, undoNewest } from "./commands";
import { open } from "./dialog";
import { canAct } from "./live";
import { goToPage, toRebook } from "./rebook";
import { dayListAddress } from "./route";
import { selectAndFocus, selectedEntry, selectedQueue } from "./selection";

const FOR_ENTRY: [EntryAction, string, string?][] = [
  ["call", "Call"],
  ["arrived", "Arrived:", "A"],
  ["no-show", "No-show:", "X"],
  ["skip", "Skip"],
  ["move", "Move"],
  ["triage", "Triage of"],
  ["transfer", "Transfer"],
  ["cancel", "Cancel the visit of"],
];

/** Everything that can be done now, the selected lane and patient first. */
export function commandItems(): PaletteItem[] {
  const chosen = selectedQueue.value;
  const order = chosen
    ? [chosen.doctorId, ...lanes.value.filter((id) => id !== chosen.doctorId)]
    : lanes.value;
  const queues = order.flatMap((id) => shown.value.get(id) ?? []);
  const entry = selectedEntry.value;
  return [
    ...(chosen && entry ? entryItems(chosen, entry) : []),
    ...queues.map((queue) => laneItem(queue, "call", "Call next for", () => callNext(queue), "N")),
    ...queues.map((queue) =>
      laneItem(queue, "walk-in", "Add a walk-in for", () => openFor("walk-in", queue), "W"),
    ),
    item("undo", "Undo the last command", () => void undoNewest(chosen), "Z"),
    ...queues.map((queue) =>
      laneItem(queue, "emergency", "Message patients of", () => openFor("emergency", queue), "E"),
    ),
    ...queues.flatMap(rareItems),
    pageItem("book", "Book an appointment", "B"),
    pageItem("appointments", "Move or cancel appointments"),
    pageItem("rebook", "Appointments to rebook"),
    pageItem("waitlist", "Waitlist"),
    { ...item("lanes", "Choose lanes", () => open({ kind: "lanes" })), disabled: false },
    { ...item("help", "Help and keys", () => open({ kind: "help" }), "?"), disabled: false },
  ];
}

/** Everybody of the lanes shown here. */
export function patientItems(): PaletteItem[] {
  return lanes.value
    .flatMap((id) => shown.value.get(id) ?? [])
    .flatMap((queue) => queue.entries.map((entry) => patientItem(queue, entry)));
}

/** A hit of the server's search. */
export function foundItem(hit: FoundAppointment): PaletteItem {
  const { patient, appointmentId, doctorId, doctorName, ticket, state } = hit;
  const queue = doctorId === null ? undefined : shown.value.get(doctorId);
  const detail = ticket
    ? [doctorName, state?.replace("_", " "), patient.phone].filter(Boolean).join(" · ")
    : [patient.phone, "no appointment today"].filter(Boolean).join(" · ");
  return {
    id: `patient-${appointmentId ?? patient.id}`,
    label: ticket ? `${ticket} ${patient.name}` : patient.name,
    detail: queue || !ticket ? detail : `${detail} · lane not shown here`,
    disabled: appointmentId === null,
    run: () => {
      if (queue && appointmentId) goTo(queue, appointmentId);
      else open({ kind: "lanes" });
    },
  };
}

function patientItem(queue: StaffQueue, entry: StaffEntry): PaletteItem {
  const words = badgesOf(entry).map((badge) => badge.word);
  return {
    id: `patient-${entry.id}`,
    label: who(entry),
    detail: [queue.header.doctor.name, clockTime(entry.start, queue.header.timezone), ...words]
      .filter(Boolean)
      .join(" · "),
    also: entry.phone ?? "",
    run: () => goTo(queue, entry.id),
  };
}

function goTo(queue: StaffQueue, entry: string): void {
  if (queue.line.includes(entry)) {
    selectAndFocus(queue.doctorId, entry);
    return;
  }
  const gone = document.getElementById(`gone-${entry}`);
  gone?.closest("details")?.setAttribute("open", "");
  selectAndFocus(queue.doctorId, null);
  requestAnimationFrame(() => gone?.focus());
}

function entryItems(queue: StaffQueue, entry: StaffEntry): PaletteItem[] {
  return FOR_ENTRY.filter(([action]) => allows(entry, action, queue.line.length)).map(
    ([action, word, keys]) =>
      item(`entry-${action}`, `${word} ${who(entry)}`, () => act(action, queue, entry), keys),
  );
}

function laneItem(
  queue: StaffQueue,
  id: string,
  words: string,
  perform: () => unknown,
  keys?: string,
): PaletteItem {
  const label = `${words} ${queue.header.doctor.name}`;
  return item(`${id}-${queue.doctorId}`, label, () => void perform(), keys);
}

function rareItems(queue: StaffQueue): PaletteItem[] {
  const lane = queue.doctorId;
  const body = { doctorId: lane };
  const list = dayListAddress(lane, queue.date);
  const name = queue.header.paused ? "resume" : "pause";
  const word = queue.header.paused ? "Resume" : "Pause";
  return [
    laneItem(queue, "pause", word, () => run({ name, lane, body })),
    laneItem(queue, "absent", "Doctor absent:", () => openFor("absent", queue)),
    { ...laneItem(queue, "list", "Day list of", () => navigate(list)), disabled: false },
  ];
}

function pageItem(page: string, words: string, keys?: string): PaletteItem {
  const run = (): void => goToPage(page, selectedQueue.value?.doctorId);
  return { ...item(page, words, run, keys), disabled: toRebook.value === null };
}

function openFor(kind: "walk-in" | "emergency" | "absent", queue: StaffQueue): void {
  open({ kind, lane: queue.doctorId });
}

function item(id: string, label: string, perform: () => void, keys?: string): PaletteItem {
  return { id, label, run: perform, disabled: !canAct.value, ...(keys && { keys }) };
}
