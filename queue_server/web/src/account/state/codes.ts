import type { contactOf } from "../../book/model/details";
import type { CodeSentView, PatientDetailsView, SignedIn } from "../../generated/contract";
import { session } from "../../patient/api";
import { known, tenantId } from "../../patient/known";
import { send } from "../../shared/http";

/** A phone number or e-mail address, as the server takes it. */
export type Contact = NonNullable<ReturnType<typeof contactOf>>;

/** Have a code sent to somebody. */
export async function sendCode(contact: Contact): Promise<CodeSentView> {
  const body = { tenantId, ...contact, language: known.language };
  return (await send<CodeSentView>("/api/auth/code", { method: "POST", body })).data;
}

/** Sign in with the code that was sent. */
export async function signIn(contact: Contact, code: string, name: string): Promise<void> {
  const body = { tenantId, ...contact, code, ...(name.trim() && { name: name.trim() }) };
  const call = { method: "POST", body, headers: { "Accept-Language": known.language } };
  session.begin((await send<SignedIn>("/api/auth/code/verify", call)).data);
}

/** Be reached at another contact, which the code proves. */
export async function changeContact(contact: Contact, code: string): Promise<PatientDetailsView> {
  const body = { ...contact, code };
  return (await session.request<PatientDetailsView>("/api/me", { method: "PUT", body })).data;
}
