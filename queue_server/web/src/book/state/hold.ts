import { computed, effect, signal } from "@preact/signals";
import type { DoctorDetail, GuestHoldView, Mode, SlotView } from "../../generated/contract";
import { act, guest, isRefusal, look, session, trouble } from "../../patient/api";
import { moment, time } from "../../patient/format";
import { clinicOf, known, link, t } from "../../patient/known";
import { announce, interrupt } from "../../shared/announce";
import { now } from "../../shared/clock";
import { navigate } from "../../shared/route";
import { type Anyone, freeWithAnyone, queryOfAnyone } from "../model/anyone";
import { left } from "../model/countdown";
import { plusDays } from "../model/days";
import { nearest } from "../model/slots";
import { kept } from "./kept";
import { slotsOf } from "./slots";

/** With whom a time is held, as far as booking it needs to know. */
export type HeldDoctor = Pick<DoctorDetail, "id" | "name" | "specialtyLabel" | "fees" | "modes">;

/** With whom a time is wanted: with one doctor, or with whoever is free. */
export type Whom = HeldDoctor | Anyone;

export interface Held {
  holdId: string;
  expiresAt: string;
  mode: Mode;
  slot: SlotView;
  doctor: HeldDoctor;
  /** Of whom anybody would have done, where the doctor was not chosen. */
  anyone: Anyone | null;
  /** Held without an account: signing in later does not change whose it is. */
  asGuest: boolean;
}

/** What is offered when a time was lost, or is not held any more. */
export interface Offer {
  why: "lost" | "expired";
  wanted: SlotView;
  mode: Mode;
  whom: Whom;
  /** Undefined while it is looked for, null when there is none. */
  instead?: SlotView | null;
}

/** How far around a lost time is looked for another. */
const AROUND_DAYS = 14;
/** Of many doctors a day is long. */
const PAGES = 5;
const NOT_THERE = [
  "slot_unavailable",
  "slot_blocked",
  "slot_past",
  "mode_not_offered",
  "not_found",
];

export const held = kept<Held | null>("hold", null);
export const offer = kept<Offer | null>("offered", null);
/** The slot that is being asked for. */
export const asking = signal<string | null>(null);
/** What went wrong with a hold, other than that it was lost. */
export const mistake = signal("");

export const remaining = computed(() => held.value && left(held.value.expiresAt, now.value));

/** Hold a time and go on to the details; who comes too late is offered the nearest other one. */
export async function take(slot: SlotView, mode: Mode, whom: Whom): Promise<void> {
  if (asking.value) return;
  asking.value = slot.id;
  mistake.value = "";
  offer.value = null;
  announce(t("holding", { time: time(slot.start, slot.clinicId) }));
  const before = held.value;
  try {
    const asGuest = session.current.value === null;
    const made = await hold(slot, mode, whom, before);
    const anyone = isAnyone(whom) ? whom : null;
    const doctor = isAnyone(whom) ? await doctorOf(made.slot) : whom;
    held.value = { ...made, doctor, anyone, asGuest };
    if (before && before.slot.id !== made.slot.id) void release(before);
    const { minutes } = left(made.expiresAt, now.value);
    const at = moment(made.slot.start, made.slot.clinicId);
    const said = { time: at, minutes, doctor: doctor.name };
    announce(t(anyone ? "any_held" : "held_said", said));
    navigate(link("/book/details"));
  } catch (error) {
    if (!isRefusal(error, ...NOT_THERE)) mistake.value = trouble(error);
    else await offerInstead("lost", slot, mode, whom);
  } finally {
    asking.value = null;
  }
}

export function isAnyone(whom: Whom): whom is Anyone {
  return "doctorIds" in whom;
}

/** The page where other times are chosen. */
export function timesPage(whom: Whom): string {
  return isAnyone(whom) ? link("/book/any", queryOfAnyone(whom)) : link(`/book/doctors/${whom.id}`);
}

/** Whether a time must say where it is: with whoever is free it may be at any clinic. */
export function saysWhere(whom: Whom, mode: Mode): boolean {
  return isAnyone(whom) && !whom.clinicId && mode === "in_person" && known.store.clinics.length > 1;
}

/** When a time is, and where if that must be said. */
export function whenOf(slot: SlotView, mode: Mode, whom: Whom): string {
  const where = saysWhere(whom, mode) && clinicOf(slot.clinicId)?.name;
  return [moment(slot.start, slot.clinicId), where].filter(Boolean).join(", ");
}

/** Who holds as many as may be gives up the one before, and nobody has to know about limits. */
async function hold(
  slot: SlotView,
  mode: Mode,
  whom: Whom,
  before: Held | null,
): Promise<GuestHoldView> {
  try {
    return await create(slot, mode, whom);
  } catch (error) {
    if (!before || !isRefusal(error, "hold_limit_reached")) throw error;
    await release(before);
    held.value = null;
    return create(slot, mode, whom);
  }
}

async function create(slot: SlotView, mode: Mode, whom: Whom): Promise<GuestHoldView> {
  const path = isAnyone(whom) ? "any" : slot.id;
  const body = isAnyone(whom) ? { mode, ...withAnyone(slot, mode, whom) } : { mode };
  const call = { method: "POST", body };
  const { data } = await act<GuestHoldView>(`/api/slots/${path}/hold`, call);
  if (data.sessionToken) guest.keep(data.sessionToken);
  return data;
}

/** A time with whoever is free; in person at the clinic that was shown with it. */
function withAnyone({ start, clinicId }: SlotView, mode: Mode, whom: Anyone): object {
  return {
    start,
    clinicId: (mode === "in_person" && clinicId) || whom.clinicId || null,
    specialty: whom.specialty || null,
    doctorIds: whom.doctorIds,
  };
}

/** Who it is; the name alone, where nothing else can be found out. */
async function doctorOf(slot: SlotView): Promise<HeldDoctor> {
  const { doctorId: id, doctorName: name } = slot;
  return look<DoctorDetail>(`/api/doctors/${id}`)
    .then((answer) => answer.data)
    .catch(() => ({ id, name, specialtyLabel: "", fees: null, modes: [] }));
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
  whom: Whom,
): Promise<void> {
  const asked: Offer = { why, wanted, mode, whom };
  offer.value = asked;
  interrupt(t(why, { time: time(wanted.start, wanted.clinicId) }));
  const but = why === "lost" ? wanted.id : undefined;
  const instead = nearest(await around(wanted, mode, whom), wanted.start, mode, but) ?? null;
  if (offer.value !== asked) return;
  offer.value = { ...asked, instead };
  const at = instead && whenOf(instead, mode, whom);
  interrupt(at ? t("nearest", { time: at }) : t("none_near"));
}

async function around(wanted: SlotView, mode: Mode, whom: Whom): Promise<SlotView[]> {
  const isAny = isAnyone(whom);
  const query: Record<string, string> = isAny ? queryOfAnyone(whom) : { doctorId: whom.id };
  const ask = (from: string, to: string) =>
    slotsOf({ ...query, from, to }, isAny ? PAGES : 1)
      .then(({ slots }) => (isAny ? freeWithAnyone(slots, mode) : slots))
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
  void offerInstead("expired", mine.slot, mine.mode, mine.anyone ?? mine.doctor);
});

let warned = "";
effect(() => {
  const mine = held.value;
  if (!mine || !remaining.value?.isShort || warned === mine.holdId) return;
  warned = mine.holdId;
  announce(t("two_minutes", { time: time(mine.slot.start, mine.slot.clinicId) }));
});
