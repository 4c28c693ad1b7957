import type { OwnEntryView } from "../generated/contract";
import { runOffer } from "../tracker/offer.ts";
import "./invite.css";

/** How often is looked whether anything has changed, while somebody looks at the page. */
const EVERY_MS = 10_000;
/** The server's word on what is over comes with the new page; it is not asked for in a row. */
const AGAIN_MS = 2_000;

const { token, version } = document.body.dataset;

runOffer(document.body, () => setTimeout(() => location.reload(), AGAIN_MS));

async function look(): Promise<void> {
  if (document.hidden || document.querySelector("button:disabled")) return;
  try {
    const answer = await fetch(`/api/invites/${token}`, { cache: "no-store" });
    const entry: OwnEntryView = (await answer.json()).data;
    if (`${entry.version}` !== version) location.reload();
  } catch {
    // What is shown stays.
  }
}

if (token) {
  setInterval(() => void look(), EVERY_MS);
  document.addEventListener("visibilitychange", () => void look());
}
