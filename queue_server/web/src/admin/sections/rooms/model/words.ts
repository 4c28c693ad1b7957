import type { EquipmentView, MaintenanceView, RoomView } from "../../../../generated/contract";

export const ROOM_TYPES: Readonly<Record<RoomView["type"], string>> = {
  consultation: "Consultation",
  examination: "Examination",
  procedure: "Procedure",
  imaging: "Imaging",
  laboratory: "Laboratory",
  telehealth: "Video visits",
  therapy: "Therapy",
  other: "Other",
};

export const EQUIPMENT_TYPES: Readonly<Record<EquipmentView["type"], string>> = {
  dental_unit: "Dental unit",
  ecg: "ECG",
  examination_table: "Examination table",
  infusion: "Infusion",
  laboratory: "Laboratory",
  monitor: "Monitor",
  telehealth: "Video visits",
  therapy: "Therapy",
  ultrasound: "Ultrasound",
  x_ray: "X-ray",
  other: "Other",
};

/** The options of a choice among words. */
export function optionsOf(
  words: Readonly<Record<string, string>>,
): { value: string; label: string }[] {
  return Object.entries(words).map(([value, label]) => ({ value, label }));
}

export type MaintenancePhase = "over" | "now" | "planned";

/** Where a maintenance stands at `now` (milliseconds). */
export function phaseOf(one: MaintenanceView, now: number): MaintenancePhase {
  const end = Math.min(Date.parse(one.end), one.finishedAt ? Date.parse(one.finishedAt) : Infinity);
  if (end <= now) return "over";
  return Date.parse(one.start) <= now ? "now" : "planned";
}

/** What keeps a thing from being used at `now`, if anything does. */
export function maintenanceNow(
  of: { maintenance: readonly MaintenanceView[] },
  now: number = Date.now(),
): MaintenanceView | undefined {
  return of.maintenance.find((one) => phaseOf(one, now) === "now");
}
