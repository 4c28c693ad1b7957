import { signal } from "@preact/signals";
import type { AppointmentView, PaymentView, SlotBookingView } from "../../generated/contract";
import { act, codeOf, fieldOf, isRefusal, trouble } from "../../patient/api";
import { known, link, t } from "../../patient/known";
import { announce } from "../../shared/announce";
import { commandKey } from "../../shared/key";
import { navigate } from "../../shared/route";
import { contactOf, type Details, type Mistakes, mistakesOf } from "../model/details";
import { comes, forget, kind, troubleWith } from "./comes";
import { type Held, type HeldDoctor, held, lose, offer, release } from "./hold";
import { kept } from "./kept";
import { nameless, saveName } from "./me";

export interface Done {
  appointment: AppointmentView;
  trackingToken: string;
  doctor: HeldDoctor;
  payment: PaymentView | null;
}

/** What has been typed; it outlives the hold, the page and the booking. */
export const details = kept<Details>("details", {
  name: "",
  contact: "",
  language: known.language,
});
export const mistakes = signal<Mistakes>({});
export const failure = signal("");
export const isBooking = signal(false);
/** Whether what went wrong is that no answer came: the same may be sent again. */
export const isUnanswered = signal(false);
/** Whether the account has to be entered again. */
export const isSignedOut = signal(false);
export const done = kept<Done | null>("done", null);

export function type(changed: Partial<Details>): void {
  details.value = { ...details.value, ...changed };
  if (Object.keys(mistakes.value).length > 0) check();
}

const sent = kept("sent", { text: "", key: "" });

/** The key of a booking: the same for the same, however often it has to be sent. */
function keyOf(body: unknown): string {
  const text = JSON.stringify(body);
  if (text !== sent.value.text) sent.value = { text, key: commandKey() };
  return sent.value.key;
}

/** Whether a booking of this hold was sent that we know no answer to. */
export function wasSent(mine: Held): boolean {
  return sent.value.text.includes(mine.holdId);
}

/** The hold is over, or was. */
const GONE = ["hold_expired", "slot_unavailable"];
/** The hold counts, but no booking comes of it. */
const NOT_THIS = [
  "slot_past",
  "slot_blocked",
  "mode_not_offered",
  "capacity_reached",
  "other_time_zone",
  "resource_taken",
  "queue_closed",
];

/** What is said where another time has to be found; null where what is held may be booked still. */
function wordsOfLoss(error: unknown): string | null {
  const field = fieldOf(error) ?? "";
  if (field === "followUpOf") return null;
  if (isRefusal(error, ...GONE)) return "expired";
  if (isRefusal(error, ...NOT_THIS)) return `error_${codeOf(error)}`;
  if (field === "holdId" && isRefusal(error, "conflict", "not_found")) return "gone";
  if (isRefusal(error, "conflict")) return "error_conflict";
  if (isRefusal(error, "not_found") && !field.startsWith("patient")) return "error_not_found";
  return null;
}

function bodyOf(mine: Held): object {
  const { name, language } = details.value;
  const visit = { holdId: mine.holdId, ...kind.value, mode: mine.mode };
  if (!mine.asGuest) {
    return comes.value?.id ? { ...visit, patient: { id: comes.value.id } } : visit;
  }
  const contact = contactOf(details.value.contact) ?? {};
  return { ...visit, patient: { name: name.trim(), language, ...contact } };
}

/** Whether everything needed has been typed; what is missing is said. */
export function check(): boolean {
  const { name, contact } = mistakesOf(details.value);
  if (held.value?.asGuest) mistakes.value = { ...(name && { name }), ...(contact && { contact }) };
  else mistakes.value = nameless.value && name ? { name } : {};
  return Object.keys(mistakes.value).length === 0;
}

/** Keep the name of who never said one; returns whether it can be gone on. */
export async function prepare(): Promise<boolean> {
  if (!nameless.value || held.value?.asGuest) return true;
  failure.value = "";
  try {
    await saveName(details.value.name.trim());
    return true;
  } catch (error) {
    failure.value = trouble(error);
    return false;
  }
}

/** Book what is held. */
export async function book(): Promise<void> {
  const mine = held.value;
  if (!mine || isBooking.value) return;
  isBooking.value = true;
  failure.value = "";
  isUnanswered.value = false;
  isSignedOut.value = false;
  announce(t("booking"));
  try {
    const body = bodyOf(mine);
    const headers = { "Idempotency-Key": keyOf(body) };
    const call = { method: "POST", body, headers };
    const { data } = await act<SlotBookingView>(
      `/api/slots/${mine.slot.id}/book`,
      call,
      mine.asGuest,
    );
    const { appointment, trackingToken, payment } = data;
    done.value = { appointment, trackingToken, doctor: mine.doctor, payment };
    held.value = null;
    offer.value = null;
    forget();
    sent.value = { text: "", key: "" };
    navigate(link("/book/done"));
  } catch (error) {
    await fail(mine, error);
  } finally {
    isBooking.value = false;
  }
}

/** Without an answer, and where something can be put right, what is held stays held. */
async function fail(mine: Held, error: unknown): Promise<void> {
  const words = wordsOfLoss(error);
  if (words) {
    if (words !== "expired") void release(mine);
    await lose(mine, words);
    return;
  }
  failure.value = troubleWith(error);
  isUnanswered.value = codeOf(error) === "";
  isSignedOut.value = isRefusal(error, "unauthenticated");
}
