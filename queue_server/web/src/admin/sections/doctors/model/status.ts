import type { DoctorDetail } from "../../../../generated/contract";

type Status = DoctorDetail["status"];

export const DOCTOR_STATUS: Readonly<Record<Status, string>> = {
  draft: "Draft",
  pending_verification: "Being verified",
  active: "Active",
  inactive: "Inactive",
};

/** The look of a status; the word beside it says the same. */
export function statusTone(status: Status): string {
  if (status === "active") return "chip-ok";
  if (status === "pending_verification") return "chip-info";
  return status === "inactive" ? "chip-warn" : "";
}
