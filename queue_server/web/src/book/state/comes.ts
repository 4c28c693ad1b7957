import { computed } from "@preact/signals";
import { fieldOf, session, trouble } from "../../patient/api";
import { date } from "../../patient/format";
import { t } from "../../patient/known";
import type { EarlierVisit } from "../model/follow-up";
import { held } from "./hold";
import { kept } from "./kept";

/** What was said to be followed up; it was said of a visit with one doctor. */
interface Following {
  visit: EarlierVisit;
  doctorId: string;
}

/** Somebody of an account's family who comes; an empty id is who has signed in. */
export interface Comes {
  account: string;
  id: string;
  name: string;
  following: Following | null;
}

const chosen = kept<Comes | null>("comes", null);

/** Who comes, as far as the account that is signed in has said so. */
export const comes = computed(() =>
  chosen.value?.account === session.current.value?.user.id ? chosen.value : null,
);

/** Say which patient of the account comes; what somebody else would follow up is forgotten. */
export function choose(id: string, name: string): void {
  const account = session.current.value?.user.id;
  const before = comes.value;
  const following = before?.id === id ? (before.following ?? null) : null;
  chosen.value = account ? { account, id, name, following } : null;
}

/** Once it is booked, the next visit is asked about anew. */
export function forget(): void {
  chosen.value = null;
}

/** Which visit the one that is held follows up; null for a consultation, and for guests always. */
export const followUp = computed(() => {
  const mine = held.value;
  const following = comes.value?.following;
  return mine && !mine.asGuest && following?.doctorId === mine.doctor.id ? following.visit : null;
});

/** Say that what is held follows up this visit, or none. */
export function setFollowUp(visit: EarlierVisit | null): void {
  const doctorId = held.value?.doctor.id;
  if (!comes.value || !doctorId) return;
  chosen.value = { ...comes.value, following: visit && { visit, doctorId } };
}

/** The kind of visit, as paying and booking say it. */
export const kind = computed(() => {
  const of = followUp.value;
  return of ? { visitType: "follow_up", followUpOf: of.id } : { visitType: "consultation" };
});

/** When that was, and with whom if it was another doctor than `doctorId`. */
export function named({ start, timezone, ...visit }: EarlierVisit, doctorId?: string): string {
  const who = visit.doctorId !== doctorId && visit.doctorName;
  return [date(start, timezone), who].filter(Boolean).join(", ");
}

/** "Follow-up of your visit on November 21, 2026". */
export function followUpWords(visit: EarlierVisit): string {
  const said = { visit: named(visit, held.value?.doctor.id) };
  const { id, name } = comes.value ?? { id: "", name: "" };
  return id ? t("follow_up_theirs", { ...said, name }) : t("follow_up_of", said);
}

/** What went wrong; a visit that cannot be followed up any more is not asked for again. */
export function troubleWith(error: unknown): string {
  if (fieldOf(error) !== "followUpOf") return trouble(error);
  setFollowUp(null);
  return t("follow_up_gone");
}
