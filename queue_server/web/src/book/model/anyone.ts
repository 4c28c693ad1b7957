import type { DoctorDetail, Mode, SlotView } from "../../generated/contract";
import type { Filters } from "./results";
import { isFree, type ShownSlot } from "./slots";

/** Of whom anybody would do: of a specialty, at a clinic, or of these doctors. */
export interface Anyone {
  specialty: string;
  clinicId: string;
  language: string;
  /** Who speaks the language, which the server does not ask about; else empty. */
  doctorIds: string[];
}

/** What the server takes at most. */
const MOST_DOCTORS = 50;

/** The choices that say who would do, as an address carries them. */
export function queryOfAnyone({ specialty, clinicId, language }: Anyone): Record<string, string> {
  return {
    ...(specialty && { specialty }),
    ...(clinicId && { clinicId }),
    ...(language && { language }),
  };
}

/** Of whom anybody would do after these choices, told by who fits them. */
export function anyoneOf(filters: Filters, doctors: readonly DoctorDetail[]): Anyone {
  const { specialty, clinicId, language } = filters;
  const doctorIds = language ? doctors.map(({ id }) => id).slice(0, MOST_DOCTORS) : [];
  return { specialty, clinicId, language, doctorIds };
}

/**
 * Of whom anybody would do where a search leaves several of one specialty or of one clinic with
 * free times; null where it does not, or where somebody was looked for by name.
 */
export function anyoneFound(
  filters: Filters,
  doctors: readonly DoctorDetail[],
  slots: readonly SlotView[],
  isAll: boolean,
): Anyone | null {
  const specialty = filters.specialty || (isAll ? sharedSpecialty(doctors) : "");
  if (filters.q || (!specialty && !filters.clinicId)) return null;
  if (new Set(slots.map((slot) => slot.doctorId)).size < 2) return null;
  return anyoneOf({ ...filters, specialty }, doctors);
}

function sharedSpecialty([first, ...others]: readonly DoctorDetail[]): string {
  const shared = first?.specialties.find((code) =>
    others.every(({ specialties }) => specialties.includes(code)),
  );
  return shared ?? "";
}

/** What the times of several doctors have in common that are one to who chooses. */
export function timeId(slot: SlotView, mode: Mode): string {
  // Whoever comes must know where to; by video it is all the same.
  return mode === "tele" ? slot.start : `${slot.start} ${slot.clinicId}`;
}

/** The times of several doctors as one list: each moment once, with all the places it has. */
export function ofAnyone(shown: readonly ShownSlot[], mode: Mode): ShownSlot[] {
  const times = new Map<string, ShownSlot>();
  for (const { slot, look } of shown) {
    const isOpen = look === "free" && isFree(slot, mode);
    if (look === "free" && !isOpen) continue;
    const id = timeId(slot, mode);
    const before = times.get(id);
    if (!before) times.set(id, { slot: { ...slot, id }, look });
    else if (isOpen) times.set(id, joined(before, slot));
    else if (before.look === "taken") times.set(id, { ...before, look });
  }
  return [...times.values()];
}

function joined(before: ShownSlot, slot: SlotView): ShownSlot {
  if (before.look !== "free") return { slot: { ...slot, id: before.slot.id }, look: "free" };
  const { inPerson, tele } = before.slot.remaining;
  const remaining = {
    inPerson: inPerson + slot.remaining.inPerson,
    tele: tele + slot.remaining.tele,
  };
  return { slot: { ...before.slot, remaining }, look: "free" };
}

/** The free times of several doctors as one list. */
export function freeWithAnyone(slots: readonly SlotView[], mode: Mode): SlotView[] {
  const shown = slots.map((slot): ShownSlot => ({ slot, look: "free" }));
  return ofAnyone(shown, mode).map(({ slot }) => slot);
}
