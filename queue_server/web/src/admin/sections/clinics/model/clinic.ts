import type { ClinicDetail } from "../../../../generated/contract";

// A clinic as it is edited: text everywhere.

export interface ClinicDraft {
  version: number;
  name: string;
  slug: string;
  timezone: string;
  address: string;
  perDay: string;
  perWindow: string;
  country: string;
  region: string;
  active: boolean;
}

export interface Fault {
  field: string;
  message: string;
}

export const CLINIC_WORDS: Readonly<Record<string, string>> = {
  name: "Name",
  slug: "Short name",
  timezone: "Time zone",
  address: "Address",
  perDay: "Patients a day",
  perWindow: "Patients a window",
  country: "Country",
  region: "Part of the country",
  active: "Open",
};

/** A clinic, to be edited; without one, what a new one begins with. */
export function clinicDraftOf(clinic: ClinicDetail | null, zone = ""): ClinicDraft {
  return {
    version: clinic?.version ?? 0,
    name: clinic?.name ?? "",
    slug: clinic?.slug ?? "",
    timezone: clinic?.timezone ?? zone,
    address: clinic?.address ?? "",
    perDay: String(clinic?.capacity.perDay ?? ""),
    perWindow: String(clinic?.capacity.perWindow ?? ""),
    country: clinic?.holidays?.country ?? "",
    region: clinic?.holidays?.region ?? "",
    active: clinic?.active ?? true,
  };
}

/** The short name of a clinic for its addresses: letters, digits and hyphens. */
export function slugFor(name: string): string {
  return name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 64)
    .replace(/^-+|-+$/g, "");
}

/** What can be told without asking the server. */
export function clinicFaults(draft: ClinicDraft): Fault[] {
  const faults: Fault[] = [];
  if (!draft.name.trim()) faults.push({ field: "name", message: "A clinic needs a name." });
  if (!draft.timezone.trim())
    faults.push({ field: "timezone", message: "Choose the zone whose clock hangs on the wall." });
  for (const [field, typed] of [
    ["capacity.perDay", draft.perDay],
    ["capacity.perWindow", draft.perWindow],
  ] as const)
    if (typed.trim() && !/^[1-9]\d{0,5}$/.test(typed.trim()))
      faults.push({ field, message: "Give a whole number from 1, or leave it empty for no cap." });
  if (draft.region.trim() && !draft.country)
    faults.push({ field: "holidays.country", message: "Choose the country, too." });
  return faults;
}

/** The body that saves a clinic. */
export function clinicBody(draft: ClinicDraft): Record<string, unknown> {
  const cap = (typed: string): number | null => (typed.trim() ? Number(typed) : null);
  return {
    name: draft.name.trim(),
    slug: draft.slug.trim() || slugFor(draft.name),
    timezone: draft.timezone.trim(),
    address: draft.address.trim(),
    capacity: { perDay: cap(draft.perDay), perWindow: cap(draft.perWindow) },
    holidays: draft.country
      ? { country: draft.country, region: draft.region.trim().toUpperCase() || null }
      : null,
  };
}
