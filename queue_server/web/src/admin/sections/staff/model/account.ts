import type { AccountView, Role } from "../../../../generated/contract";
import type { FieldError } from "../../../../staff/draft";
import { mayBeDoctor } from "./roles";

/** What the form of an account holds. */
export interface AccountDraft {
  name: string;
  role: Role;
  doctorId: string;
  clinicIds: string[];
  version: number;
}

/** What the fields are called, for telling which of them somebody else changed. */
export const ACCOUNT_WORDS = {
  name: "Name",
  role: "Role",
  doctorId: "Doctor",
  clinicIds: "Clinics",
};

/** What the form begins with. */
export function accountDraftOf({
  name,
  role,
  doctorId,
  clinicIds,
  version,
}: AccountView): AccountDraft {
  return { name, role, doctorId: doctorId ?? "", clinicIds: [...clinicIds].sort(), version };
}

/** What is sent for it: a doctor only where the role may stand for one. */
export function accountBody({ name, role, doctorId, clinicIds }: Omit<AccountDraft, "version">) {
  return {
    name: name.trim(),
    role,
    clinicIds,
    doctorId: mayBeDoctor(role) ? doctorId || null : null,
  };
}

/** What is missing before the server need be asked. */
export function accountFaults({ name, role, doctorId }: AccountDraft): FieldError[] {
  const faults: FieldError[] = [];
  if (!name.trim()) faults.push({ field: "name", message: "An account needs a name." });
  if (role === "doctor" && !doctorId)
    faults.push({ field: "doctorId", message: "Choose the doctor whose account it is." });
  return faults;
}
