import { clinicOf, clinics } from "../../staff/directory";

/** The zone whose clock a clinic goes by. */
export function zoneOf(clinicId: string | null | undefined): string {
  return clinicOf(clinicId)?.timezone ?? clinics.value?.[0]?.timezone ?? "UTC";
}
