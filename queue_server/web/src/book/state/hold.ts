import { computed, effect, signal } from "@preact/signals";
import type { DoctorDetail, HoldView, Mode, SlotView } from "../../generated/contract";
import { act, codeOf, isRefusal, look, session, trouble } from "../../patient/api";
import { moment, time } from "../../patient/format";
import { clinicOf, known, link, t } from "../../patient/known";
import { announce, interrupt } from "../../shared/announce";
import { now } from "../../shared/clock";
import { navigate, route } from "../../shared/route";
import { type Anyone, queryOfAnyone } from "../model/anyone";
import { left } from "../model/countdown";
import { kept } from "./kept";
import { nearby } from "./nearby";

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
  /** What is said of it: the key of its words. */
  why: string;
  wanted: SlotView;
  mode: Mode;
  whom: Whom;
  /** The hold that ended, if it was held. */
  holdId: string | null;
  /** Undefined while it is looked for, null when there is none. */
  instead?: SlotView | null;
  /** Whether it could not be looked for. */
  hasFailed?: boolean;
}

const NOT_THERE = [
  "slot_unavailable",
  "slot_blocked",
  "slot_past",
  "mode_not_offered",
  "not_found",
  "capacity_reached",
];

export const held = kept<Held | null>("hold", null);
export const offer = kept<Offer | null>("offered", null);
/** Where the offer was made, in this visit of the pages: it is nobody's business elsewhere. */
export const offeredAt = signal("");
/** Whether what is held was held just now, or the server has said since that it is. */
export const isSure = signal(held.peek() === null);
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
    isSure.value = true;
    if (before && before.slot.id !== made.slot.id) void release(before);
    const { minutes } = left(made.expiresAt, now.value);
    const at = moment(made.slot.start, made.slot.clinicId);
    const said = { time: at, minutes, doctor: doctor.name };
    announce(t(anyone ? "any_held" : "held_said", said));
    navigate(link("/book/details"));
  } catch (error) {
    if (!isRefusal(error, ...NOT_THERE)) mistake.value = trouble(error);
    else await offerInstead(wordsOf(error), { slot, mode, whom });
  } finally {
    asking.value = null;
  }
}

/** What is said to whom this was refused: that somebody was faster, or else what is the matter. */
function wordsOf(error: unknown): string {
  return isRefusal(error, "slot_unavailable", "not_found") ? "lost" : `error_${codeOf(error)}`;
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
): Promise<HoldView> {
  try {
    return await create(slot, mode, whom);
  } catch (error) {
    if (!before || !isRefusal(error, "hold_limit_reached")) throw error;
    await release(before);
    held.value = null;
    return create(slot, mode, whom);
  }
}

async function create(slot: SlotView, mode: Mode, whom: Whom): Promise<HoldView> {
  const path = isAnyone(whom) ? "any" : slot.id;
  const body = isAnyone(whom) ? { mode, ...withAnyone(slot, mode, whom) } : { mode };
  return (await act<HoldView>(`/api/slots/${path}/hold`, { method: "POST", body })).data;
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
export async function release({ slot, asGuest }: Held): Promise<void> {
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

/** What somebody wanted, and does not get. */
export interface Wanted {
  slot: SlotView;
  mode: Mode;
  whom: Whom;
  holdId?: string;
}

/** Say why a time cannot be had, look for the nearest free one and offer that. */
export async function offerInstead(why: string, wanted: Wanted): Promise<void> {
  const { slot, mode, whom, holdId = null } = wanted;
  interrupt(t(why, { time: time(slot.start, slot.clinicId) }));
  offeredAt.value = route.peek().path;
  await lookNearby({ why, wanted: slot, mode, whom, holdId });
}

/** Look (again) for what can be offered. */
export async function lookNearby({ hasFailed: _, ...asked }: Offer): Promise<void> {
  const { why, wanted, mode, whom } = asked;
  const made: Offer = asked;
  offer.value = made;
  const answer = await nearby({
    wanted,
    mode,
    query: isAnyone(whom) ? queryOfAnyone(whom) : { doctorId: whom.id },
    isOfMany: isAnyone(whom),
    isTried: (slot) => isTried(why, slot, wanted),
  }).catch(() => undefined);
  if (offer.value !== made) return;
  offer.value = answer === undefined ? { ...made, hasFailed: true } : { ...made, instead: answer };
  if (answer) interrupt(t("nearest", { time: whenOf(answer, mode, whom) }));
  else interrupt(t(answer === null ? "none_near" : "near_failed"));
}

/** What is only over may be had again; a clinic that is full is full for that day. */
function isTried(why: string, slot: SlotView, wanted: SlotView): boolean {
  if (why === "expired") return false;
  if (why === "error_capacity_reached") return slot.date === wanted.date;
  return slot.id === wanted.id;
}

/** The hold is over, or of no use: another time is offered. */
export async function lose(mine: Held, why: string): Promise<void> {
  if (held.value?.holdId === mine.holdId) held.value = null;
  const { slot, mode, anyone, doctor, holdId } = mine;
  await offerInstead(why, { slot, mode, whom: anyone ?? doctor, holdId });
}

// A hold ends by the clock; what was typed stays where it is. Of what a reload has kept, the server
// is asked first: the clock of a phone may be wrong.
effect(() => {
  const mine = held.value;
  if (mine && isSure.value && remaining.value?.isOver) void lose(mine, "expired");
});

let warned = "";
effect(() => {
  const mine = held.value;
  if (!mine || !remaining.value?.isShort || warned === mine.holdId) return;
  warned = mine.holdId;
  announce(t("two_minutes", { time: time(mine.slot.start, mine.slot.clinicId) }));
});
