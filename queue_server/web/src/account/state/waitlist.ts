import type { OfferView, OwnEntryView, WaitlistStatus } from "../../generated/contract";
import { act, session } from "../../patient/api";

const WAITING: readonly WaitlistStatus[] = ["invited", "active", "deferred"];

export interface SortedEntries {
  waiting: OwnEntryView[];
  ended: OwnEntryView[];
}

/** Who waits, what is offered first; and what came of others, the latest first. */
export function sortedEntries(all: readonly OwnEntryView[]): SortedEntries {
  const rank = (one: OwnEntryView) => WAITING.indexOf(one.status);
  const at = (one: OwnEntryView) => Date.parse(one.updatedAt);
  return {
    waiting: all
      .filter((one) => rank(one) >= 0)
      .sort((one, other) => rank(one) - rank(other) || at(other) - at(one)),
    ended: all.filter((one) => rank(one) < 0).sort((one, other) => at(other) - at(one)),
  };
}

/** What these patients wait for, and what came of it. */
export async function entriesOf(patients: readonly string[]): Promise<OwnEntryView[]> {
  const found = await Promise.all(
    patients.map((id) => session.request<OwnEntryView[]>(`/api/patients/${id}/waitlists`)),
  );
  return found.flatMap(({ data }) => data);
}

/** Change an entry as it was seen; whoever has changed it meanwhile is not overwritten. */
export async function changeEntry(entry: OwnEntryView, body: object): Promise<OwnEntryView> {
  const headers = { "If-Match": `"${entry.version}"` };
  const call = { method: "PATCH", body, headers };
  return (await act<OwnEntryView>(`/api/waitlists/${entry.id}`, call, false)).data;
}

/** Book what is offered, or give it back: this offer, and no other that was made since. */
export async function answer<T>(offer: OfferView, what: "accept" | "decline"): Promise<T> {
  const call = { method: "POST", body: { respondBy: offer.respondBy } };
  return (await act<T>(`/api/invites/${offer.token}/${what}`, call, true)).data;
}
