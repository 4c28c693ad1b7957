import { computed, effect, signal, untracked } from "@preact/signals";
import type { DoctorDetail, SlotView } from "../../generated/contract";
import { look, trouble } from "../../patient/api";
import { known, t, tenantId } from "../../patient/known";
import { announce } from "../../shared/announce";
import { now, serverNow } from "../../shared/clock";
import { replaceAddress, route } from "../../shared/route";
import { anyoneFound, freeWithAnyone } from "../model/anyone";
import { cache, cached } from "../model/cache";
import {
  type Filters,
  filtersOf,
  NO_FILTERS,
  queryOf,
  results,
  TIMES_SHOWN,
} from "../model/results";
import { cursorOf } from "./slots";

interface Found {
  /** Page by page, so that what stands there stays where it is. */
  pages: DoctorDetail[][];
  slots: SlotView[];
  /** Doctors whose times are among the slots if they have any; null where that is so of all. */
  asked: string[] | null;
  /** The place behind the last doctor, if there are more. */
  next: string | null;
}

const PAGE = "20";
const MOST_SLOTS = "200";
/** Doctors whose times are asked for at once. */
const AT_ONCE = 5;
/** What is kept has this shape; what was kept in another one is not found. */
const SHAPE = 2;

export const filters = computed<Filters>(() => filtersOf(route.value.query));
export const hasFilters = computed(() => Object.keys(queryOf(filters.value)).length > 0);

const found = signal<Found | null>(null);
/** When what is shown was answered; null while it is what the page came with. */
export const foundAt = signal<number | null>(null);
export const isLooking = signal(false);
export const failure = signal("");

const minute = computed(() => Math.floor(now.value / 60_000));

/** What was found and has not begun yet: it may be of yesterday. */
const ahead = computed(() => {
  void minute.value;
  return found.value?.slots.filter((slot) => Date.parse(slot.start) > serverNow()) ?? [];
});

/** The doctors with their next times; null before there is anything to show. */
export const shown = computed(() => {
  if (!found.value) return null;
  const { pages, asked } = found.value;
  return pages.flatMap((page) => results(page, ahead.value, asked, !!filters.value.partOfDay));
});
export const hasMore = computed(() => !!found.value?.next);

/** Of whom anybody would do, and when somebody of them is free next; null where that is no question. */
export const soonest = computed(() => {
  if (!found.value) return null;
  const { pages, next } = found.value;
  const slots = ahead.value;
  const anyone = anyoneFound(filters.value, pages.flat(), slots, !next);
  if (!anyone) return null;
  const mode = filters.value.mode;
  const here = mode === "tele" ? [] : freeWithAnyone(slots, "in_person");
  const isHere = mode === "in_person" || here.length > 0;
  const times = (isHere ? here : freeWithAnyone(slots, "tele")).slice(0, TIMES_SHOWN);
  return { anyone, times, mode: isHere ? ("in_person" as const) : ("tele" as const) };
});

/** Set a filter, in the address. */
export function setFilter(changed: Partial<Filters>): void {
  const query = new URLSearchParams(route.value.query);
  for (const [key, value] of Object.entries(changed)) {
    if (value) query.set(key, value);
    else query.delete(key);
  }
  const text = query.toString();
  replaceAddress(text ? `/book?${text}` : "/book");
}

export function resetFilters(): void {
  setFilter(NO_FILTERS);
}

/** What was found before is shown at once, then it is looked up again. */
export function followFilters(): () => void {
  let isFirst = true;
  return effect(() => {
    const wanted = filters.value;
    const isChosen = !isFirst;
    isFirst = false;
    untracked(() => void search(wanted).then(() => isChosen && sayHowMany(wanted)));
  });
}

/** Say aloud what a choice has changed before the eyes of whoever can see it. */
function sayHowMany(wanted: Filters): void {
  if (wanted !== filters.peek() || failure.peek()) return;
  const n = shown.peek()?.length ?? 0;
  if (n > 0) announce(t("results", { n: `${n}${hasMore.peek() ? "+" : ""}` }));
  else announce(`${t("nothing_found")} ${t("nothing_found_more")}`);
}

let last = 0;

export async function search(wanted: Filters = filters.peek()): Promise<void> {
  const question = `${SHAPE} ${tenantId} ${JSON.stringify(wanted)}`;
  const before = cached<Found>(question, Date.now(), localStorage);
  if (before) show(before.value, before.at);
  else if (known.doctors && !hasFilters.peek()) {
    show({ pages: [known.doctors], slots: [], asked: [], next: null }, null);
  }
  const mine = ++last;
  isLooking.value = true;
  failure.value = "";
  try {
    const first = await ask(wanted);
    if (mine !== last) return;
    show(first, serverNow());
    const answer = await withTimes(first, wanted);
    if (mine !== last) return;
    show(answer, serverNow());
    cache(question, answer, Date.now(), localStorage);
  } catch (error) {
    if (mine === last) failure.value = trouble(error);
  } finally {
    if (mine === last) isLooking.value = false;
  }
}

/** The first doctors, and the soonest times of all of them: those say nothing of who is looked for by name. */
async function ask(wanted: Filters): Promise<Found> {
  const [doctors, soon] = await Promise.all([
    look<DoctorDetail[]>("/api/doctors", { ...queryOf(wanted, ["partOfDay"]), limit: PAGE }),
    wanted.q ? null : timesOf(wanted, {}, MOST_SLOTS),
  ]);
  const slots = soon?.data ?? [];
  const isAll = soon !== null && !cursorOf(soon.meta);
  const asked = isAll ? null : [...new Set(slots.map((slot) => slot.doctorId))];
  return { pages: [doctors.data], slots, asked, next: cursorOf(doctors.meta) };
}

function timesOf(wanted: Filters, whose: Record<string, string>, limit: string) {
  const query = { ...queryOf(wanted, ["q"]), ...whose, limit };
  return look<SlotView[]>("/api/slots/availability", query);
}

/** Who is listed and not among the soonest is asked for one by one; who cannot be, stays unknown. */
async function withTimes(before: Found, wanted: Filters): Promise<Found> {
  const { asked } = before;
  if (asked === null) return before;
  const missing = before.pages.flat().filter(({ id }) => !asked.includes(id));
  const slots = [...before.slots];
  const learned = [...asked];
  for (let from = 0; from < missing.length; from += AT_ONCE) {
    await Promise.all(
      missing.slice(from, from + AT_ONCE).map(async ({ id }) => {
        const found = await timesOf(wanted, { doctorId: id }, String(TIMES_SHOWN)).catch(
          () => null,
        );
        if (!found) return;
        slots.push(...found.data);
        learned.push(id);
      }),
    );
  }
  return { ...before, slots, asked: learned };
}

export async function searchMore(): Promise<void> {
  const before = found.value;
  if (!before?.next || isLooking.value) return;
  const mine = ++last;
  isLooking.value = true;
  try {
    const wanted = filters.value;
    const query = { ...queryOf(wanted, ["partOfDay"]), limit: PAGE, cursor: before.next };
    const { data, meta } = await look<DoctorDetail[]>("/api/doctors", query);
    if (mine !== last) return;
    const more = { ...before, pages: [...before.pages, data], next: cursorOf(meta) };
    found.value = more;
    const answer = await withTimes(more, wanted);
    if (mine === last) found.value = answer;
  } catch (error) {
    if (mine === last) failure.value = trouble(error);
  } finally {
    if (mine === last) isLooking.value = false;
  }
}

function show(next: Found, at: number | null): void {
  found.value = next;
  foundAt.value = at;
}
