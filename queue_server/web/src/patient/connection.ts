import { signal } from "@preact/signals";

/** Whether the device knows that it has no network. */
export const isOffline = signal(!navigator.onLine);

addEventListener("offline", () => (isOffline.value = true));
addEventListener("online", () => (isOffline.value = false));

/** Run `again` when the network is back, or the page is looked at again. */
export function onReturn(again: () => void): () => void {
  const seen = () => !document.hidden && again();
  addEventListener("online", again);
  document.addEventListener("visibilitychange", seen);
  return () => {
    removeEventListener("online", again);
    document.removeEventListener("visibilitychange", seen);
  };
}
