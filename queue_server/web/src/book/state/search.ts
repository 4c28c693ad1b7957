import { computed, effect, signal, untracked } from "@preact/signals";
import type { DoctorDetail, SlotView } from "../../generated/contract";
import { look, trouble } from "../../patient/api";
import { known, tenantId } from "../../patient/known";
import { serverNow } from "../../shared/clock";
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
  doctors: DoctorDetail[];
  slots: SlotView[];
  /** The place behind the last doctor, if there are more. */
  next: string | null;
}

const PAGE = "20";

export const filters = computed<Filters>(() => filtersOf(route.value.query));
export const hasFilters = computed(() => Object.keys(queryOf(filters.value)).length > 0);

const found = signal<Found | null>(null);
/** When what is shown was answered; null while it is what the page came with. */
export const foundAt = signal<number | null>(null);
export const isLooking = signal(false);
export const failure = signal("");

/** The doctors with their next times; null before there is anything to show. */
export const shown = computed(
  () => found.value && results(found.value.doctors, found.value.slots, !!filters.value.partOfDay),
);
export const hasMore = computed(() => !!found.value?.next);

/** Of whom anybody would do, and when somebody of them is free next; null where that is no question. */
export const soonest = computed(() => {
  if (!found.value) return null;
  const { doctors, slots, next } = found.value;
  const anyone = anyoneFound(filters.value, doctors, slots, !next);
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
  return effect(() => {
    const wanted = filters.value;
    untracked(() => void search(wanted));
  });
}

let last = 0;

export async function search(wanted: Filters = filters.peek()): Promise<void> {
  const question = `${tenantId} ${JSON.stringify(wanted)}`;
  const before = cached<Found>(question, Date.now(), localStorage);
  if (before) show(before.value, before.at);
  else if (known.doctors && !hasFilters.peek()) {
    show({ doctors: known.doctors, slots: [], next: null }, null);
  }
  const mine = ++last;
  isLooking.value = true;
  failure.value = "";
  try {
    const answer = await ask(wanted);
    if (mine !== last) return;
    show(answer, serverNow());
    cache(question, answer, Date.now(), localStorage);
  } catch (error) {
    if (mine === last) failure.value = trouble(error);
  } finally {
    if (mine === last) isLooking.value = false;
  }
}

async function ask(wanted: Filters): Promise<Found> {
  const times = { ...queryOf(wanted, ["q"]), limit: "200" };
  const [doctors, slots] = await Promise.all([
    look<DoctorDetail[]>("/api/doctors", { ...queryOf(wanted, ["partOfDay"]), limit: PAGE }),
    look<SlotView[]>("/api/slots/availability", times),
  ]);
  return { doctors: doctors.data, slots: slots.data, next: cursorOf(doctors.meta) };
}

export async function searchMore(): Promise<void> {
  const before = found.value;
  if (!before?.next || isLooking.value) return;
  const mine = ++last;
  isLooking.value = true;
  try {
    const query = { ...queryOf(filters.value, ["partOfDay"]), limit: PAGE, cursor: before.next };
    const { data, meta } = await look<DoctorDetail[]>("/api/doctors", query);
    if (mine !== last) return;
    const doctors = [...before.doctors, ...data];
    found.value = { ...before, doctors, next: cursorOf(meta) };
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
