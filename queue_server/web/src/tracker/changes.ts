import type { PlaceChange } from "../generated/contract";
import type { Known } from "./known";
import { at, element } from "./paint";
import { timeOfDay, type Words } from "./words.ts";

/** Let "Why did my place change?" load its answer when it is opened, and again each time. */
export function explainOnDemand(address: string, known: Known, words: Words): void {
  const why = at("why") as HTMLDetailsElement;
  why.hidden = false;
  why.addEventListener("toggle", async () => {
    if (!why.open) return;
    const list = why.querySelector("ol") as HTMLElement;
    try {
      const changes: PlaceChange[] = (await (await fetch(address)).json()).data;
      const lines = changes.map((change) => {
        const time = timeOfDay(words, change.at, known.appointment.clinic.timezone);
        const move = change.was && change.now ? ` (${change.was} → ${change.now})` : "";
        return element("li", `${time}  ${change.explanation}${move}`);
      });
      list.replaceChildren(...(lines[0] ? lines : [element("li", words.why_none)]));
    } catch {
      list.replaceChildren(element("li", words.why_failed));
    }
  });
}
