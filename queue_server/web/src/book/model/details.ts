import { asciiDigits } from "../../patient/digits";

/** What a patient types; kept until it is booked. */
export interface Details {
  name: string;
  contact: string;
  language: string;
}

export type Mistakes = Partial<Record<"name" | "contact", string>>;

const PHONE = /^\+?[0-9 ()./-]{3,32}$/;
const EMAIL = /^[^@\s]+@[^@\s]+$/;

/** How to reach somebody: by phone or by e-mail; null for what is neither. */
export function contactOf(typed: string): { phone: string } | { email: string } | null {
  const text = asciiDigits(typed.trim());
  if (PHONE.test(text) && /\d{3}/.test(text.replace(/\D/g, ""))) return { phone: text };
  return EMAIL.test(text) ? { email: text } : null;
}

/** What is missing or wrong, as keys of the words that say so. */
export function mistakesOf(details: Details): Mistakes {
  const found: Mistakes = {};
  if (details.name.trim() === "") found.name = "name_missing";
  if (details.contact.trim() === "") found.contact = "contact_missing";
  else if (!contactOf(details.contact)) found.contact = "contact_wrong";
  return found;
}
