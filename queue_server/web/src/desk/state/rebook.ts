import { effect, signal } from "@preact/signals";
import { account, session } from "./account";
import { isLive } from "./live";
import { preferences } from "./preferences";

const EVERY_MS = 120_000;

/** How many booked appointments of this clinic have lost their time; null for who rebooks nobody. */
export const toRebook = signal<number | null>(null);

/** The address of a page of reception's away from the desk. */
export function pageAddress(page: string, doctorId?: string): string {
  return `/desk/${page}?clinic=${preferences.value.clinicId}${doctorId ? `&doctor=${doctorId}` : ""}`;
}

/** Go there, if whoever is signed in has anything to do there. */
export function goToPage(page: string, doctorId?: string): void {
  if (toRebook.value !== null) location.assign(pageAddress(page, doctorId));
}

/** Keep counting for whoever is signed in. */
export function countToRebook(): void {
  effect(() => {
    const { clinicId } = preferences.value;
    const mayRebook = /^(recep|.*admin)/.test(account.value?.role ?? "");
    toRebook.value = mayRebook ? (toRebook.peek() ?? 0) : null;
    if (!mayRebook || !clinicId || !isLive.value) return;
    const count = (): void =>
      void session
        .request(`/api/slot-conflicts?limit=0&clinicId=${clinicId}`)
        .then(({ meta }) => {
          toRebook.value = Number(meta.total);
        })
        // The old number stays; the list itself says what is wrong.
        .catch(() => undefined);
    count();
    const timer = setInterval(count, EVERY_MS);
    return () => clearInterval(timer);
  });
}
