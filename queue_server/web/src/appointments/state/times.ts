import { useEffect } from "preact/hooks";
import type {
  ClinicCalendarView,
  DoctorDetail,
  Mode,
  SlotView,
  StaffSlotView,
} from "../../generated/contract";
import { addDays } from "../../schedule/model/wall-time";
import { byName } from "../../shared/names";
import { type Resource, useResource } from "../../staff/resource";
import { all, get, query } from "../../staff/rest";
import { freeByDay, isFree, nearest } from "../model/times";
import { useNews } from "./live";
import type { Place } from "./place";

/** How many days the strip of days shows. */
export const DAYS = 14;

/** How many times are offered for one that is gone. */
const MOST_NEAR = 3;
/** Of so many doctors times are read at once. */
const MOST_DOCTORS = 30;
/** Of no use to anybody any more. */
const GONE: ReadonlySet<SlotView["status"]> = new Set(["past", "withdrawn"]);

const DAY_EVERY_MS = 4_000;
/** Of any doctor: that is a read for each of them. */
const ANY_EVERY_MS = 15_000;
/** While news come by themselves: for what only the clock changes. */
const TOLD_EVERY_MS = 30_000;
const STRIP_EVERY_MS = 60_000;

/** The doctors of a clinic that can be booked, by name. */
export function useDoctors(clinicId: string): Resource<DoctorDetail[]> {
  const path = `/api/doctors${query({ clinicId, limit: 200 })}`;
  return useResource(path, async () => {
    const found = await all<DoctorDetail>(path);
    return byName(found.filter(({ status }) => status === "active"));
  });
}

/** How many times are free on each day in this way: of the doctor, or of all doctors of the clinic. */
export function useStrip(place: Place, first: string): Resource<Map<string, number>> {
  const { clinicId, doctorId, mode } = place;
  const path = `/api/calendar${query({ clinicId, from: first, to: addDays(first, DAYS - 1) })}`;
  const read = useResource(`${path} ${doctorId} ${mode}`, async () =>
    freeByDay(await get<ClinicCalendarView>(path), doctorId, mode),
  );
  useAgain(read.reload, STRIP_EVERY_MS);
  return read;
}

/** The times of a day as they are: of a doctor all of them, of any doctor the free ones. */
export function timesOf(place: Place): Promise<SlotView[]> {
  const { clinicId, doctorId, date } = place;
  return doctorId ? between(clinicId, doctorId, date, date) : timesOfAny(place);
}

async function between(clinicId: string, doctorId: string, from: string, to: string) {
  const path = `/api/doctors/${doctorId}/slots${query({ from, to, limit: 200 })}`;
  const found = await all<StaffSlotView>(path);
  return found.filter((slot) => slot.clinicId === clinicId && !GONE.has(slot.status));
}

/** What is free with anybody: the desk books doctors, too, whom patients cannot find by themselves. */
async function timesOfAny({ clinicId, date, mode }: Place): Promise<SlotView[]> {
  const path = `/api/calendar${query({ clinicId, from: date, to: date })}`;
  const { doctors } = await get<ClinicCalendarView>(path);
  const free = doctors.filter(({ days }) => days.some(({ slots }) => slots.free > 0));
  const found = await Promise.all(
    free.slice(0, MOST_DOCTORS).map((one) => between(clinicId, one.doctorId, date, date)),
  );
  return found.flat().filter((slot) => isFree(slot, mode));
}

/** Free times near one that is gone: the doctor's own of that day, those of others, then later days. */
export async function timesNear(gone: SlotView, mode: Mode): Promise<SlotView[]> {
  const { clinicId, doctorId, date, start } = gone;
  const reads = [
    () => between(clinicId, doctorId, date, date),
    () => timesOfAny({ clinicId, doctorId: "", date, mode }),
    () => between(clinicId, doctorId, addDays(date, 1), addDays(date, 7)),
  ];
  const found: SlotView[] = [];
  for (const read of reads) {
    if (found.length === MOST_NEAR) break;
    const known = new Set([gone.id, ...found.map(({ id }) => id)]);
    const others = (await read()).filter(({ id }) => !known.has(id));
    found.push(...nearest(others, start, mode, MOST_NEAR - found.length));
  }
  return found;
}

/** The same, read again when something happens to them, and now and then anyway. */
export function useTimes(place: Place): Resource<SlotView[]> {
  const key = Object.values(place).join(" ");
  const read = useResource(key, () => timesOf(place));
  const isTold = useNews(place, read.reload);
  const everyMs = place.doctorId ? DAY_EVERY_MS : ANY_EVERY_MS;
  useAgain(read.reload, isTold ? TOLD_EVERY_MS : everyMs);
  return read;
}

/** Call `reload` every so often while the page is in sight, and when it comes back into it. */
function useAgain(reload: () => Promise<void>, everyMs: number): void {
  useEffect(() => {
    const again = (): void => {
      if (document.visibilityState === "visible" && navigator.onLine) void reload();
    };
    const timer = setInterval(again, everyMs);
    document.addEventListener("visibilitychange", again);
    addEventListener("online", again);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
      removeEventListener("online", again);
    };
  }, [reload]);
}
