import { computed } from "@preact/signals";
import { keepSession } from "../shared/session";

// One session for the admin's and the doctor's screens: who goes from one to the other stays in.

// What the desk leads to is opened by whoever is signed in there, without asking again.
const IS_DESK = location.pathname.startsWith("/desk");

/** The session of this browser's admin and doctor screens, or of its desks. */
export const session = keepSession(IS_DESK ? "desk" : "staff");

/** Who is signed in. */
export const account = computed(() => session.current.value?.user ?? null);

/** Whether whoever is signed in may change what an administrator keeps. */
export const isAdmin = computed(() => /admin$/.test(account.value?.role ?? ""));

/** The roles that find patients another time. */
export const REBOOKS: ReadonlySet<string> = new Set(["receptionist", "admin", "platform_admin"]);

/** Sign in; throws with a sentence when that fails. */
export async function enter(email: string, password: string): Promise<void> {
  await session.signIn(email, password);
}

/** Sign out. */
export function leave(): void {
  void session.signOut();
}
