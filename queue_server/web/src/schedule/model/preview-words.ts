import type { AffectedPatient, Preview } from "../wire";

/** "1 slot", "12 slots". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** "12 slots removed, 3 patients affected": what a change does, in one line. */
export function previewWords(preview: Preview): string {
  const { slotsAdded, slotsRemoved, patientsAffected } = preview;
  const parts = [
    slotsAdded > 0 && `${counted(slotsAdded, "slot")} added`,
    slotsRemoved > 0 && `${counted(slotsRemoved, "slot")} removed`,
    patientsAffected.length > 0 && `${counted(patientsAffected.length, "patient")} affected`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? parts.join(", ") : "No slot changes, no patient is affected";
}

/** What becomes of the patients, once the change is saved. */
export function whatBecomes(patients: readonly AffectedPatient[]): string {
  const without = patients.filter((one) => one.suggestion === null).length;
  if (patients.length === 0) return "Every booked appointment keeps its time.";
  const they = patients.length === 1 ? "The appointment keeps its" : "The appointments keep their";
  const work = `${they} time until reception finds another one.`;
  return without === 0
    ? work
    : `${work} For ${counted(without, "patient")} no free time was found.`;
}

/** How a suggested time compares: "same day", "2 days later", "1 day earlier". */
export function distance(fromDate: string, toDate: string, days: number): string {
  if (fromDate === toDate) return "same day";
  return `${counted(Math.abs(days), "day")} ${days > 0 ? "later" : "earlier"}`;
}
