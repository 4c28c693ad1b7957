import { signal } from "@preact/signals";

export interface Preferences {
  clinicId: string | null;
  lanes: string[];
  /** Whether single letters are commands. */
  letters: boolean;
  /** Whether a drag asks for the reason of the move. */
  askReason: boolean;
}

const UNSET: Preferences = { clinicId: null, lanes: [], letters: true, askReason: false };

/** What this person chose on this machine. */
export const preferences = signal<Preferences>(UNSET);

let key = "";

/** Load what `accountId` chose here before. */
export function loadPreferences(accountId: string): void {
  key = `queue-desk:${accountId}`;
  preferences.value = { ...UNSET, ...stored() };
}

/** Change and remember. */
export function prefer(change: Partial<Preferences>): void {
  preferences.value = { ...preferences.value, ...change };
  try {
    localStorage.setItem(key, JSON.stringify(preferences.value));
  } catch {
    // A full or forbidden storage only costs the memory of the choice.
  }
}

function stored(): Partial<Preferences> {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Preferences>;
  } catch {
    return {};
  }
}
