import { runOffer } from "./offer.ts";
import { at } from "./paint";

/** How often is looked for somebody who waits, where nothing tells. */
const EVERY_MS = 20_000;
const BUZZ = [200, 100, 200];

/** Show what is offered to the patient besides; returns how to look whether that has changed. */
export function showOffers(token: string): () => void {
  const holder = at("beside");
  const key = () => holder.querySelector<HTMLElement>(".offer")?.dataset.key;

  async function look(): Promise<void> {
    try {
      const answer = await fetch(`/t/${token}/offer${location.search}`);
      if (!answer.ok) return;
      const before = key();
      const next = document.createElement("div");
      next.innerHTML = await answer.text();
      if (next.querySelector<HTMLElement>(".offer")?.dataset.key === before) return;
      holder.replaceChildren(...next.childNodes);
      if (key()) navigator.vibrate?.(BUZZ);
      run();
    } catch {
      // What is shown stays; the page itself tells that there is no connection.
    }
  }

  const run = () => runOffer(holder, () => setTimeout(look, 1000));
  run();
  setInterval(() => {
    if (holder.dataset.waits !== undefined && !document.hidden) void look();
  }, EVERY_MS);
  return () => void look();
}
