import { signal } from "@preact/signals";
import type { AppointmentView, PaymentView, SlotBookingView } from "../../generated/contract";
import { act, isRefusal, trouble } from "../../patient/api";
import { known, link, t } from "../../patient/known";
import { announce } from "../../shared/announce";
import { commandKey } from "../../shared/key";
import { navigate } from "../../shared/route";
import { contactOf, type Details, type Mistakes, mistakesOf } from "../model/details";
import { type Held, type HeldDoctor, held, offerInstead } from "./hold";
import { kept } from "./kept";

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
  visitType: "consultation",
  language: known.language,
});
/** Which patient of the account comes; empty is who has signed in. */
export const whoComes = signal("");
export const mistakes = signal<Mistakes>({});
export const failure = signal("");
export const isBooking = signal(false);
export const done = kept<Done | null>("done", null);

export function type(changed: Partial<Details>): void {
  details.value = { ...details.value, ...changed };
  if (Object.keys(mistakes.value).length > 0) mistakes.value = mistakesOf(details.value);
}

let sent = { text: "", key: "" };

/** The key of a booking: the same for the same, however often it has to be sent. */
function keyOf(body: unknown): string {
  const text = JSON.stringify(body);
  if (text !== sent.text) sent = { text, key: commandKey() };
  return sent.key;
}

function bodyOf(mine: Held): object {
  const { name, visitType, language } = details.value;
  const visit = { holdId: mine.holdId, visitType, mode: mine.mode };
  if (!mine.asGuest) {
    return whoComes.value ? { ...visit, patient: { id: whoComes.value } } : visit;
  }
  const contact = contactOf(details.value.contact) ?? {};
  return { ...visit, patient: { name: name.trim(), language, ...contact } };
}

/** Whether everything needed has been typed; what is missing is said. */
export function check(): boolean {
  mistakes.value = held.value?.asGuest ? mistakesOf(details.value) : {};
  return Object.keys(mistakes.value).length === 0;
}

/** Book what is held. */
export async function book(): Promise<void> {
  const mine = held.value;
  if (!mine || isBooking.value) return;
  isBooking.value = true;
  failure.value = "";
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
    navigate(link("/book/done"));
  } catch (error) {
    if (isRefusal(error, "hold_expired", "slot_unavailable")) {
      held.value = null;
      await offerInstead("expired", mine.slot, mine.mode, mine.anyone ?? mine.doctor);
    } else failure.value = trouble(error);
  } finally {
    isBooking.value = false;
  }
}
