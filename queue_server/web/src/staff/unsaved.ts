import { useEffect } from "preact/hooks";
import { guardRoute } from "../shared/route";
import { ask } from "./ask";

// What was typed and not saved is not lost by a click beside it.

const watched = new Set<() => boolean>();

/** Ask before the page is left while `isUnsaved` says so; returns how to stop watching. */
export function watchUnsaved(isUnsaved: () => boolean): () => void {
  watched.add(isUnsaved);
  return () => void watched.delete(isUnsaved);
}

/** The same for as long as the component is there. */
export function useUnsaved(isUnsaved: () => boolean): void {
  useEffect(() => watchUnsaved(isUnsaved), [isUnsaved]);
}

function anyUnsaved(): boolean {
  return [...watched].some((isUnsaved) => isUnsaved());
}

/** Watch the ways out of this screen: its own links, back and forward, and closing the tab. */
export function guardUnsaved(): void {
  guardRoute(async () => {
    if (!anyUnsaved()) return true;
    return ask({
      title: "Leave without saving?",
      text: "What you typed here is not saved yet, and would be lost.",
      yes: "Leave",
      no: "Stay",
      danger: true,
    });
  });
  addEventListener("beforeunload", (event) => anyUnsaved() && event.preventDefault());
}
