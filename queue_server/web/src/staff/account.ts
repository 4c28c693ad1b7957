import { computed } from "@preact/signals";
import { keepSession } from "../shared/session";

// One session for the admin's and the doctor's screens: who goes from one to the other stays in.

/** The session of this browser's admin and doctor screens. */
export const session = keepSession("staff");

/** Who is signed in. */
export const account = computed(() => session.current.value?.user ?? null);

/** Whether whoever is signed in may change what an administrator keeps. */
export const isAdmin = computed(() => /admin$/.test(account.value?.role ?? ""));

/** Sign in; throws with a sentence when that fails. */
export async function enter(email: string, password: string): Promise<void> {
  await session.signIn(email, password);
}

/** Sign out. */
export function leave(): void {
  void session.signOut();
}
