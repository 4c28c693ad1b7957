import { computed, effect, signal } from "@preact/signals";
import type { DoctorDetail, GuestHoldView, Mode, SlotView } from "../../generated/contract";
import { act, guest, isRefusal, look, session, trouble } from "../../patient/api";
import { moment, time } from "../../patient/format";
import { link, t } from "../../patient/known";
import { announce, interrupt } from "../../shared/announce";
import { now } from "../../shared/clock";
import { navigate } from "../../shared/route";
import { left } from "../model/countdown";
import { plusDays } from "../model/days";
import { nearest } from "../model/slots";
import { kept } from "./kept";

/** With whom a time is held, as far as booking it needs to know. */
export type HeldDoctor = Pick<DoctorDetail, "id" | "name" | "specialtyLabel" | "fees" | "modes">;

export interface Held {
  holdId: string;
  expiresAt: string;
  mode: Mode;
  slot: SlotView;
  doctor: HeldDoctor;
  /** Held without an account: signing in later does not change whose it is. */
  asGuest: boolean;
}

/** What is offered when a time was lost, or is not held any more. */
export interface Offer {
  why: "lost" | "expired";
  wanted: SlotView;
  mode: Mode;
  doctor: HeldDoctor;
  /** Undefined while it is looked for, null when there is none. */
  instead?: SlotView | null;
}

/** How far around a lost time is looked for another. */
const AROUND_DAYS = 14;
const NOT_THERE = [
  "slot_unavailable",
  "slot_blocked",
  "slot_past",
  "mode_not_offered",
  "not_found",
];

export const held = kept<Held | null>("hold", null);
export const offer = kept<Offer | null>("offer", null);
/** The slot that is being asked for. */
export const asking = signal<string | null>(null);
/** What went wrong with a hold, other than that it was lost. */
export const mistake = signal("");

export const remaining = computed(() => held.value && left(held.value.expiresAt, now.value));

/** Hold a time and go on to the details; who comes too late is offered the nearest other one. */
export async function take(slot: SlotView, mode: Mode, doctor: HeldDoctor): Promise<void> {
  if (asking.value) return;
  asking.value = slot.id;
  mistake.value = "";
  offer.value = null;
  announce(t("holding", { time: time(slot.start, slot.clinicId) }));
  const before = held.value;
  try {
    const asGuest = session.current.value === null;
    const made = await hold(slot, mode, before);
    held.value = { ...made, doctor, asGuest };
    if (before && before.slot.id !== slot.id) void release(before);
    const { minutes } = left(made.expiresAt, now.value);
    announce(t("held_said", { time: moment(slot.start, slot.clinicId), minutes }));
    navigate(link("/book/details"));
  } catch (error) {
    if (!isRefusal(error, ...NOT_THERE)) mistake.value = trouble(error);
    else await offerInstead("lost", slot, mode, doctor);
  } finally {
    asking.value = null;
  }
}

/** Who holds as many as may be gives up the one before, and nobody has to know about limits. */
async function hold(slot: SlotView, mode: Mode, before: Held | null): Promise<GuestHoldView> {
  try {
    return await create(slot, mode);
  } catch (error) {
    if (!before || !isRefusal(error, "hold_limit_reached")) throw error;
    await release(before);
    held.value = null;
    return create(slot, mode);
  }
}

async function create(slot: SlotView, mode: Mode): Promise<GuestHoldView> {
  const call = { method: "POST", body: { mode } };
  const { data } = await act<GuestHoldView>(`/api/slots/${slot.id}/hold`, call);
  if (data.sessionToken) guest.keep(data.sessionToken);
  return data;
}

/** The server gives it free at its end, if it does not hear this. */
async function release({ slot, asGuest }: Held): Promise<void> {
  await act(`/api/slots/${slot.id}/hold`, { method: "DELETE" }, asGuest).catch(() => undefined);
}

/** Give the time up. */
export function giveUp(): void {
  const old = held.value;
  if (!old) return;
  held.value = null;
  announce(t("given_up"));
  void release(old);
}

/** Look for the nearest free time and offer it; the old one itself, when it is free again. */
export async function offerInstead(
  why: Offer["why"],
  wanted: SlotView,
  mode: Mode,
  doctor: HeldDoctor,
): Promise<void> {
  const asked: Offer = { why, wanted, mode, doctor };
  offer.value = asked;
  interrupt(t(why, { time: time(wanted.start, wanted.clinicId) }));
  const but = why === "lost" ? wanted.id : undefined;
  const instead = nearest(await around(wanted, doctor.id), wanted.start, mode, but) ?? null;
  if (offer.value !== asked) return;
  offer.value = { ...asked, instead };
  const at = instead && moment(instead.start, instead.clinicId);
  interrupt(at ? t("nearest", { time: at }) : t("none_near"));
}

async function around(wanted: SlotView, doctorId: string): Promise<SlotView[]> {
  const ask = (from: string, to: string) =>
    look<SlotView[]>("/api/slots/availability", { doctorId, from, to, limit: "200" })
      .then((answer) => answer.data)
      .catch(() => []);
  const sameDay = await ask(wanted.date, wanted.date);
  if (sameDay.length > 0) return sameDay;
  return ask(plusDays(wanted.date, -AROUND_DAYS), plusDays(wanted.date, AROUND_DAYS));
}

// A hold ends by the clock; what was typed stays where it is.
effect(() => {
  const mine = held.value;
  if (!mine || !remaining.value?.isOver) return;
  held.value = null;
  void offerInstead("expired", mine.slot, mine.mode, mine.doctor);
});

let warned = "";
effect(() => {
  const mine = held.value;
  if (!mine || !remaining.value?.isShort || warned === mine.holdId) return;
  warned = mine.holdId;
  announce(t("two_minutes", { time: time(mine.slot.start, mine.slot.clinicId) }));
});
