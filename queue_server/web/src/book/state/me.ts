import { signal } from "@preact/signals";
import type { PatientDetailsView } from "../../generated/contract";
import { session } from "../../patient/api";

/** Who has signed in and never said a name: it is asked for with the first booking. */
export const nameless = signal<PatientDetailsView | null>(null);

/** Keep the name in the account, without which nothing can be booked. */
export async function saveName(name: string): Promise<void> {
  const mine = nameless.value;
  if (!mine) return;
  const headers = { "If-Match": `"${mine.version}"` };
  await session.request("/api/me", { method: "PUT", body: { name }, headers });
  nameless.value = null;
}
