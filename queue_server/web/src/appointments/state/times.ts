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
import { all, get, list, query } from "../../staff/rest";
import { nearest } from "../model/times";
import { useNews } from "./live";
import type { Place } from "./place";

/** How many days the strip of days shows. */
export const DAYS = 14;

/** How many times are offered for one that is gone. */
const MOST_NEAR = 3;
/** Of no use to anybody any more. */
const GONE: ReadonlySet<SlotView["status"]> = new Set(["past", "withdrawn"]);

const DAY_EVERY_MS = 4_000;
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

/** How many times are free on each day: of the doctor, or of all doctors of the clinic. */
export function useStrip(place: Place, first: string): Resource<Map<string, number>> {
  const { clinicId, doctorId } = place;
  const path = `/api/calendar${query({ clinicId, from: first, to: addDays(first, DAYS - 1) })}`;
  const read = useResource(`${path} ${doctorId}`, async () =>
    freeByDay(await get<ClinicCalendarView>(path), doctorId),
  );
  useAgain(read.reload, STRIP_EVERY_MS);
  return read;
}

function freeByDay({ doctors }: ClinicCalendarView, doctorId: string): Map<string, number> {
  const free = new Map<string, number>();
  for (const doctor of doctors) {
    if (doctorId && doctor.doctorId !== doctorId) continue;
    for (const { date, slots } of doctor.days) free.set(date, (free.get(date) ?? 0) + slots.free);
  }
  return free;
}

/** The times of a day as they are: of a doctor all of them, of any doctor the free ones. */
export async function timesOf({ clinicId, doctorId, date, mode }: Place): Promise<SlotView[]> {
  const from = { from: date, to: date, limit: 200 };
  if (!doctorId)
    return all<SlotView>(`/api/slots/availability${query({ clinicId, mode, ...from })}`);
  const found = await all<StaffSlotView>(`/api/doctors/${doctorId}/slots${query(from)}`);
  return found.filter((slot) => slot.clinicId === clinicId && !GONE.has(slot.status));
}

/** Free times near one that is gone: the doctor's own of that day, then the clinic's next ones. */
export async function timesNear(gone: SlotView, mode: Mode): Promise<SlotView[]> {
  const { clinicId, doctorId, date, start } = gone;
  const ofDay = await timesOf({ clinicId, doctorId, date, mode });
  const others = (some: readonly SlotView[]): SlotView[] => some.filter(({ id }) => id !== gone.id);
  const own = nearest(others(ofDay), start, mode, MOST_NEAR);
  if (own.length === MOST_NEAR) return own;
  const path = `/api/slots/availability${query({ clinicId, mode, from: date, limit: 20 })}`;
  const known = new Set(own.map(({ id }) => id));
  const more = others((await list<SlotView>(path)).items).filter(({ id }) => !known.has(id));
  return [...own, ...nearest(more, start, mode, MOST_NEAR - own.length)];
}

/** The same, read again when something happens to them, and now and then anyway. */
export function useTimes(place: Place): Resource<SlotView[]> {
  const key = Object.values(place).join(" ");
  const read = useResource(key, () => timesOf(place));
  const isTold = useNews(place, read.reload);
  useAgain(read.reload, isTold ? TOLD_EVERY_MS : DAY_EVERY_MS);
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
