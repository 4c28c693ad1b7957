import { computed, effect, signal, untracked } from "@preact/signals";
import type { ClinicDetail, DepartmentView } from "../generated/contract";
import { localDate } from "../shared/dates";
import { byName } from "../shared/names";
import { account } from "./account";
import { all } from "./rest";

// What every section names things by. Read once for each account, and again after a change.

/** The clinics this account may see, by name; null until they are read. */
export const clinics = signal<ClinicDetail[] | null>(null);

/** The departments, by name; null until they are read. */
export const departments = signal<DepartmentView[] | null>(null);

/** Why the directory could not be read. */
export const directoryFailure = signal<Error | null>(null);

/** Read clinics again. */
export async function refreshClinics(): Promise<void> {
  clinics.value = byName(await all<ClinicDetail>("/api/clinics?limit=200"));
}

/** Read departments again. */
export async function refreshDepartments(): Promise<void> {
  departments.value = byName(await all<DepartmentView>("/api/departments?limit=200"));
}

/** Read everything again; what fails is told in `directoryFailure`. */
export async function refreshDirectory(): Promise<void> {
  directoryFailure.value = null;
  try {
    await Promise.all([refreshClinics(), refreshDepartments()]);
  } catch (error) {
    directoryFailure.value = error as Error;
  }
}

/** Read the directory for whoever signs in, and forget it when they leave. */
export function followDirectory(): void {
  // A token that is renewed brings the same account anew: what is being filled in stays as it is.
  const id = computed(() => account.value?.id);
  effect(() => {
    const isSignedIn = id.value !== undefined;
    untracked(() => {
      clinics.value = null;
      departments.value = null;
      if (isSignedIn) void refreshDirectory();
    });
  });
}

/** The name of a clinic. */
export function clinicName(id: string | null | undefined): string {
  return clinics.value?.find((clinic) => clinic.id === id)?.name ?? "another clinic";
}

/** The clinic itself, if this account sees it. */
export function clinicOf(id: string | null | undefined): ClinicDetail | undefined {
  return clinics.value?.find((clinic) => clinic.id === id);
}

/** Today, by the clock of a clinic (`YYYY-MM-DD`). */
export function todayAt(clinicId: string): string {
  return localDate(clinicOf(clinicId)?.timezone ?? "UTC");
}

/** The name of a department. */
export function departmentName(id: string): string {
  return departments.value?.find((one) => one.id === id)?.name ?? "another department";
}
