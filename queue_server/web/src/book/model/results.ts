import type { DoctorDetail, SlotView } from "../../generated/contract";

export const TIMES_SHOWN = 3;

export interface Filters {
  q: string;
  specialty: string;
  clinicId: string;
  mode: string;
  language: string;
  partOfDay: string;
}

export const NO_FILTERS: Filters = {
  q: "",
  specialty: "",
  clinicId: "",
  mode: "",
  language: "",
  partOfDay: "",
};

/** The filters that an address names. */
export function filtersOf(query: URLSearchParams): Filters {
  const keys = Object.keys(NO_FILTERS) as (keyof Filters)[];
  const found = keys.map((key) => [key, query.get(key) ?? ""]);
  return Object.fromEntries(found) as unknown as Filters;
}

/** The filters that are set, as a query. */
export function queryOf(filters: Filters, but: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filters).filter(([key, value]) => value !== "" && !but.includes(key)),
  );
}

export interface Result {
  doctor: DoctorDetail;
  times: SlotView[];
  /** Whether it is known when they are free: else no times may also mean that nobody has asked. */
  isKnown: boolean;
}

/**
 * Doctors with their next free times, whoever can be seen first standing first. `asked` are those
 * whose times are among the slots if they have any, null where that is so of all. With a part of
 * the day chosen, who is known to have no time in it is left out.
 */
export function results(
  doctors: readonly DoctorDetail[],
  slots: readonly SlotView[],
  asked: readonly string[] | null = null,
  needsTime = false,
): Result[] {
  const times = new Map<string, SlotView[]>();
  for (const slot of slots) times.set(slot.doctorId, [...(times.get(slot.doctorId) ?? []), slot]);
  const first = (one: Result) => (one.times[0] ? Date.parse(one.times[0].start) : Infinity);
  return doctors
    .map((doctor) => ({
      doctor,
      times: (times.get(doctor.id) ?? []).slice(0, TIMES_SHOWN),
      isKnown: asked === null || asked.includes(doctor.id),
    }))
    .filter((one) => !needsTime || !one.isKnown || one.times.length > 0)
    .sort((one, other) => {
      const [a, b] = [first(one), first(other)];
      return a === b ? one.doctor.name.localeCompare(other.doctor.name) : a - b;
    });
}
