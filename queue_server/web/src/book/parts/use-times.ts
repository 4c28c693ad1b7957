import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { DoctorDetail, Mode } from "../../generated/contract";
import { look, trouble } from "../../patient/api";
import { day, time } from "../../patient/format";
import { known, t, zoneOf } from "../../patient/known";
import { announce } from "../../shared/announce";
import { serverNow } from "../../shared/clock";
import { localDate } from "../../shared/dates";
import { type Anyone, ofAnyone, queryOfAnyone } from "../model/anyone";
import {
  dateOf,
  FARTHEST_DAYS,
  type FreeDay,
  laterOf,
  mondayOf,
  nextFree,
  plusDays,
  WEEKS,
} from "../model/days";
import { hasAppeared, heard, isFree, lookedUp, type ShownSlot } from "../model/slots";
import { watch } from "../state/live";
import { slotsOf } from "../state/slots";

const SPAN_DAYS = WEEKS * 7 - 1;
/** Changes of many slots come in bursts. */
const AGAIN_MS = 1_500;
/** Of many doctors a day is shown piece by piece. */
const PAGES = 3;

/** Whose times are shown: a doctor's, or those of several of whom anybody would do. */
export interface Offering {
  /** Null where it is of several. */
  doctorId: string | null;
  query: Record<string, string>;
  modes: readonly Mode[];
  clinicIds: readonly string[];
  /** Whose clock says which day it is. */
  clinicId: string;
}

export function offeringOf(doctor: DoctorDetail): Offering {
  const { id, modes, clinicIds, homeClinicId } = doctor;
  const clinicId = homeClinicId ?? clinicIds[0] ?? "";
  return { doctorId: id, query: { doctorId: id }, modes, clinicIds, clinicId };
}

export function offeringOfAnyone(anyone: Anyone, doctors: readonly DoctorDetail[]): Offering {
  const offered = new Set(doctors.flatMap(({ modes }) => modes));
  return {
    doctorId: null,
    query: queryOfAnyone(anyone),
    modes: (["in_person", "tele"] as const).filter((mode) => offered.has(mode)),
    clinicIds: anyone.clinicId ? [anyone.clinicId] : known.store.clinics.map(({ id }) => id),
    clinicId: anyone.clinicId,
  };
}

/** Free times: how many on which day, and those of the chosen day, as they change. */
export function useTimes(of: Offering, mode: Mode, firstDay?: string) {
  const { doctorId, query } = of;
  const whose = JSON.stringify(query);
  const zone = zoneOf(of.clinicId);
  const today = useMemo(() => localDate(zone, new Date(serverNow())), [zone]);
  const named = dateOf(firstDay);
  const isAhead = named && named >= today && named <= plusDays(today, FARTHEST_DAYS);
  const first = isAhead ? named : null;
  const monday = useSignal(mondayOf(first ?? today));
  const chosen = useSignal<string | null>(first);
  const days = useSignal<FreeDay[] | null>(null);
  const slots = useSignal<readonly ShownSlot[] | null>(null);
  const isCut = useSignal(false);
  const failure = useSignal("");
  const isLive = useSignal(false);
  /** When the times that are shown were known to be so. */
  const seenAt = useSignal(0);
  const further = useSignal<"can" | "looking" | "nothing">("can");
  const asked = useRef({ days: 0, slots: 0, pages: PAGES, said: "", heard: new Set<string>() });
  const seen = (all: readonly ShownSlot[]) => (doctorId ? all : ofAnyone(all, mode));

  async function loadDays(): Promise<void> {
    const mine = ++asked.current.days;
    const to = plusDays(monday.value, SPAN_DAYS);
    const from = laterOf(monday.value, today);
    try {
      const { data } = await look<FreeDay[]>("/api/slots/days", { ...query, mode, from, to });
      if (mine !== asked.current.days) return;
      failure.value = "";
      days.value = data;
      chosen.value ??= nextFree(data, from)?.date ?? null;
    } catch (error) {
      if (mine === asked.current.days) failure.value = trouble(error);
    }
  }

  async function loadSlots(): Promise<void> {
    const date = chosen.value;
    if (!date) return;
    const mine = ++asked.current.slots;
    const meanwhile = new Set<string>();
    asked.current.heard = meanwhile;
    try {
      const read = await slotsOf({ ...query, from: date, to: date }, asked.current.pages);
      if (mine !== asked.current.slots || chosen.value !== date) return;
      const last = read.isCut ? read.slots.at(-1) : undefined;
      const until = last && Date.parse(last.start);
      slots.value = lookedUp(slots.value ?? [], read.slots, until, meanwhile);
      isCut.value = read.isCut;
      seenAt.value = serverNow();
      if (asked.current.said === date) sayHowMany(date);
    } catch (error) {
      if (mine === asked.current.slots) failure.value = trouble(error);
    }
  }

  function choose(date: string): void {
    if (chosen.value === date) return;
    asked.current.said = date;
    slots.value = null;
    chosen.value = date;
  }

  function sayHowMany(date: string): void {
    const free = seen(slots.value ?? []).filter((one) => isFree(one.slot, mode)).length;
    asked.current.said = "";
    announce(t(free ? "day_free" : "day_none", { day: day(date), n: free }));
  }

  /** Show other weeks, and of them the first day that has something: only what is shown is watched. */
  function move(next: string): void {
    days.value = null;
    slots.value = null;
    chosen.value = null;
    monday.value = next;
  }

  /** Go to the first day behind these weeks that has something free. */
  async function lookFurther(): Promise<void> {
    if (further.value === "looking") return;
    further.value = "looking";
    try {
      const found = await nextBehind(plusDays(monday.value, WEEKS * 7));
      further.value = found ? "can" : "nothing";
      if (!found) return;
      days.value = null;
      monday.value = mondayOf(found.date);
      choose(found.date);
    } catch (error) {
      further.value = "can";
      failure.value = trouble(error);
    }
  }

  async function nextBehind(first: string): Promise<FreeDay | undefined> {
    const last = plusDays(today, FARTHEST_DAYS);
    for (let from = first; from <= last; from = plusDays(from, WEEKS * 7)) {
      const to = plusDays(from, SPAN_DAYS);
      const { data } = await look<FreeDay[]>("/api/slots/days", { ...query, mode, from, to });
      const next = nextFree(data, from);
      if (next) return next;
    }
    return undefined;
  }

  /** Those of the day that were too many at first. */
  function showMore(): void {
    asked.current.pages += PAGES;
    void loadSlots();
  }

  useEffect(() => void loadDays(), [whose, mode, monday.value]);
  useEffect(() => {
    further.value = "can";
  }, [whose, mode]);
  useEffect(() => {
    slots.value = null;
    asked.current.pages = PAGES;
    void loadSlots();
  }, [whose, chosen.value]);

  useEffect(() => {
    let coming: ReturnType<typeof setTimeout> | undefined;
    let isOld = false;
    const again = () => {
      coming ??= setTimeout(() => {
        coming = undefined;
        void loadDays();
        if (isOld) void loadSlots();
        isOld = false;
      }, AGAIN_MS);
    };
    const stop = watch(doctorId, monday.value, plusDays(monday.value, SPAN_DAYS), {
      heard(news) {
        const before = slots.value ?? [];
        const after = heard(before, news);
        const isNew = hasAppeared(before, news, chosen.value);
        // Of everybody's news most are of others.
        if (!doctorId && after === before && !isNew) return;
        asked.current.heard.add(news.slotId);
        if (slots.value) slots.value = after;
        seenAt.value = serverNow();
        isOld ||= isNew;
        tell(seen(before), seen(after));
        again();
      },
      lookAgain() {
        // Of several doctors that is said for each of them.
        if (doctorId) void loadSlots();
        else isOld = true;
        again();
      },
      live: (now) => (isLive.value = now),
    });
    return () => {
      stop();
      clearTimeout(coming);
    };
  }, [whose, mode, monday.value]);

  const shown = slots.value && seen(slots.value);
  return {
    today,
    monday,
    chosen,
    choose,
    move,
    days,
    shown,
    isCut,
    showMore,
    further,
    lookFurther,
    failure,
    isLive,
    seenAt,
    retry,
  };

  function retry(): void {
    failure.value = "";
    void loadDays();
    void loadSlots();
  }
}

/** Say aloud what has changed before the eyes of whoever can see it. */
function tell(before: readonly ShownSlot[], after: readonly ShownSlot[]): void {
  const was = new Map(before.map((one) => [one.slot.id, one.look]));
  const is = after.find(({ slot, look }) => was.has(slot.id) && was.get(slot.id) !== look);
  if (!is) return;
  const at = { time: time(is.slot.start, is.slot.clinicId) };
  if (is.look === "free") announce(t("now_free", at));
  else if (was.get(is.slot.id) === "free") announce(t("now_taken", at));
}
