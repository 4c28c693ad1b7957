import type { FoundAppointment, PatientView } from "../../generated/contract";
import type { FieldError } from "../../staff/draft";

// Who is booked: somebody who is known, or somebody new.

/** What the form asks of somebody new. */
export interface NewPatient {
  name: string;
  phone: string;
  email: string;
  language: string;
}

/** Each person once, in the order found: a search finds a person by each of today's places. */
export function peopleOf(found: readonly FoundAppointment[]): PatientView[] {
  return [...new Map(found.map(({ patient }) => [patient.id, patient])).values()];
}

/** What somebody new begins with: what was typed to look for them. */
export function startOf(typed: string): NewPatient {
  const text = typed.trim();
  const blank = { name: "", phone: "", email: "", language: "en" };
  if (text.includes("@")) return { ...blank, email: text };
  return /^[+\d][\d ()./-]{2,}$/.test(text) ? { ...blank, phone: text } : { ...blank, name: text };
}

/** What is wrong with a new patient's particulars, by the server's names of the fields. */
export function faultsOf({ name, phone, email }: NewPatient): FieldError[] {
  const faults: FieldError[] = [];
  if (!name.trim()) faults.push({ field: "patient.name", message: "Give the patient's name." });
  if (phone.trim() && !/^\+?[0-9 ()./-]{3,32}$/.test(phone.trim()))
    faults.push({
      field: "patient.phone",
      message: "Digits and spaces only, with + for another country.",
    });
  if (email.trim() && !/^[^@\s]+@[^@\s]+$/.test(email.trim()))
    faults.push({ field: "patient.email", message: "An address like ada@example.org." });
  return faults;
}

/** What the server takes for somebody new: nothing that was left empty. */
export function bodyOf({ name, phone, email, language }: NewPatient): Record<string, string> {
  return {
    name: name.trim(),
    language,
    ...(phone.trim() && { phone: phone.trim() }),
    ...(email.trim() && { email: email.trim() }),
  };
}
