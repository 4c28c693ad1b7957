import { face } from "./face.ts";
import type { Known } from "./known";
import { timeOfDay, type Words } from "./words.ts";

const BUZZ = [300, 150, 300, 150, 600];

/** An element of the page by its id. */
export const at = (id: string) => document.getElementById(id) as HTMLElement;

/** A new element with a text. */
export function element(tag: string, text = "", className = ""): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

/** Show the newest view. */
export function paint(known: Known, words: Words): void {
  const { appointment, queue } = known;
  const shown = face(appointment, queue, words, document.documentElement.lang);
  const card = at("card");
  if (shown.look === "called" && card.className !== "called") navigator.vibrate?.(BUZZ);
  card.className = shown.look;
  // Set only what changed: a screen reader speaks whatever is set.
  write("headline", shown.headline);
  write("below", shown.below);
  at("below").className = shown.urgent ? "amber" : "below";
  write("wait", shown.wait);
  write("around", shown.around);
  write("more", shown.more ? `+${shown.more}` : "");
  write("doctor", appointment.doctor.name);
  write("room", appointment.room && `, ${appointment.room}`);
  at("line").hidden = shown.dots < 0;
  at("expect").hidden = !shown.wait;
  at("keep").hidden = shown.look === "still";
  at("change").hidden = queue.state !== "expected";
  line(shown.dots);
  at("amber").replaceChildren(...shown.amber.map((text) => element("p", text, "amber")));
  const mark = shown.look === "called" ? "● " : "";
  document.title = `${mark}${shown.headline} · ${appointment.ticket}`;
  notices(known, words);
}

/** Tell how fresh the page is: live, refreshing by itself, or not at all. */
export function paintLink(state: "live" | "by_itself" | "offline", known: Known, words: Words) {
  at("foot").className = state;
  write("link", words[state] ?? "");
  if (state !== "offline") {
    write("time", timeOfDay(words, Date.now(), known.appointment.clinic.timezone));
  }
}

function write(id: string, text: string): void {
  const found = at(id);
  if (found.textContent !== text) found.textContent = text;
}

function line(dots: number): void {
  const before = at("dots").getElementsByTagName("i");
  while (before.length > Math.max(dots, 0)) before[0]?.remove();
  while (before.length < dots) at("dots").prepend(element("i"));
}

function notices(known: Known, words: Words): void {
  const holder = at("notices");
  const ids = known.queue.notices.map((notice) => notice.broadcastId).join();
  if (holder.dataset.ids === ids) return;
  holder.dataset.ids = ids;
  const boxes = known.queue.notices.map(({ priority, message }) => {
    const isUrgent = priority === "high" || priority === "critical";
    const box = element("div", "", isUrgent ? "red" : "note");
    const text = element("p", message);
    text.dir = "auto";
    box.append(element("b", words[isUrgent ? "important" : "notice"]), text);
    return box;
  });
  holder.replaceChildren(...boxes);
}
