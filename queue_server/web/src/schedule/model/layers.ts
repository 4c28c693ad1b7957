import type { Closure, DoctorCalendar, Leave, Override, Schedule } from "../wire";
import { addDays, DAY, minutesOf, minutesOn, span, weekdayOf } from "./wall-time";
import { endOf, slotCount, type Week, weekFrom } from "./week";

// The layers of a calendar week, lowest first: each lies over those before it, all stay visible.

export type Layer =
  | "base"
  | "elsewhere"
  | "override"
  | "maintenance"
  | "holiday"
  | "leave"
  | "block"
  | "emergency";

export const LAYERS: readonly { layer: Layer; name: string }[] = [
  { layer: "base", name: "Weekly hours" },
  { layer: "elsewhere", name: "Other clinic" },
  { layer: "override", name: "Changed date" },
  { layer: "maintenance", name: "Maintenance" },
  { layer: "holiday", name: "Holiday" },
  { layer: "leave", name: "Leave" },
  { layer: "block", name: "Block" },
  { layer: "emergency", name: "Emergency" },
];

export interface Band {
  id: string;
  layer: Layer;
  date: string;
  /** Minutes since the date's midnight, within 0 and 1440. */
  start: number;
  end: number;
  title: string;
  /** The whole sentence, for the reader and on focus. */
  explanation: string;
  /** The id of the override, exception or leave behind it. */
  source: string | null;
  /** Hours that an override replaces on its date. */
  replaced?: boolean;
}

/** Everything that the bands of a week are made of. */
export interface LayerSources {
  dates: readonly string[];
  clinicId: string;
  zone: string;
  schedules: readonly Schedule[];
  calendar: DoctorCalendar | null;
  clinicName: (id: string) => string;
}

/** The bands over the hours that are being edited: everything but the base of this clinic. */
export function bandsOver(sources: LayerSources): Band[] {
  const { calendar } = sources;
  const here = sources.schedules.filter((one) => one.clinicId === sources.clinicId);
  const others = sources.schedules.filter((one) => one.clinicId !== sources.clinicId);
  return [
    ...others.flatMap((one) => elsewhere(one, sources)),
    ...here.flatMap((one) => one.overrides.flatMap((override) => overrideBands(override, sources))),
    ...maintenance(sources),
    ...holidays(sources),
    ...(calendar?.leaves ?? []).flatMap((leave) => leaveBands(leave, sources)),
    ...(calendar?.exceptions ?? []).flatMap((closure) => closureBands(closure, sources)),
  ];
}

/** The hours of this clinic's schedules in that week, where they are only read. */
export function baseBands(sources: LayerSources): Band[] {
  return sources.schedules
    .filter((one) => one.clinicId === sources.clinicId)
    .flatMap((schedule) =>
      weekBands(weekFrom(schedule.sittings), "base", sources.dates, (date) =>
        inEffect(schedule, date),
      ).map((band) => ({ ...band, replaced: isReplaced(schedule, band.date) })),
    );
}

/** Whether sittings of a schedule begin on `date`. */
export function inEffect(
  schedule: Pick<Schedule, "effectiveFrom" | "effectiveUntil">,
  date: string,
): boolean {
  const { effectiveFrom, effectiveUntil } = schedule;
  return effectiveFrom <= date && (effectiveUntil === null || date <= effectiveUntil);
}

/** Whether other hours hold on `date` than the schedule's own. */
export function isReplaced(schedule: Pick<Schedule, "overrides">, date: string): boolean {
  return schedule.overrides.some((one) => one.date === date);
}

/** "3 h closed: …" and "open": the layers of a date that lie on top of each other at `minute`. */
export function layersAt(bands: readonly Band[], date: string, minute: number): Band[] {
  return bands.filter((one) => one.date === date && one.start <= minute && minute < one.end);
}

function elsewhere(schedule: Schedule, { dates, clinicName }: LayerSources): Band[] {
  const name = clinicName(schedule.clinicId);
  const week = weekFrom(schedule.sittings);
  return weekBands(week, "elsewhere", dates, (date) => inEffect(schedule, date)).map((band) => ({
    ...band,
    title: name,
    explanation: `At ${name}, ${span(band.start, band.end)}`,
  }));
}

function weekBands(
  week: Week,
  layer: Layer,
  dates: readonly string[],
  holds: (date: string) => boolean,
): Band[] {
  return dates.flatMap((date) =>
    week
      .filter((one) => one.weekday === weekdayOf(date) && holds(date))
      .flatMap((one) => {
        const slots = slotCount(one);
        const base = { layer, title: span(one.start, one.end), source: null };
        const explanation = `${span(one.start, one.end)}, ${slots} slots of ${one.slotMinutes} minutes`;
        return cutToDates(`${layer}-${one.key}`, date, one.start, one.end, dates).map((piece) => ({
          ...base,
          ...piece,
          explanation,
        }));
      }),
  );
}

function overrideBands(override: Override, { dates }: LayerSources): Band[] {
  const { date, id, reason } = override;
  const why = reason ? `: ${reason}` : "";
  if (!dates.includes(date)) return [];
  if (override.sittings.length === 0) {
    return [
      {
        id,
        layer: "override",
        date,
        start: 0,
        end: DAY,
        title: "Closed this date",
        explanation: `Closed on this date only${why}`,
        source: id,
      },
    ];
  }
  return override.sittings.flatMap((sitting, index) => {
    const start = minutesOf(sitting.start);
    const end = endOf(sitting);
    return cutToDates(`${id}-${index}`, date, start, end, dates).map((piece) => ({
      ...piece,
      layer: "override" as const,
      title: "Changed",
      explanation: `Changed for this date: ${span(start, end)}${why}`,
      source: id,
    }));
  });
}

/** What is closed because a room or a device that its hours need is out of use. */
function maintenance({ calendar, dates, clinicId, zone }: LayerSources): Band[] {
  return (calendar?.days ?? [])
    .filter((day) => day.clinicId === clinicId)
    .flatMap((day) => day.segments)
    .filter((one) => one.kind === "maintenance")
    .flatMap((one) =>
      instantBands(`maintenance-${one.start}`, one.start, one.end, dates, zone).map((piece) => ({
        ...piece,
        layer: "maintenance" as const,
        title: "Maintenance",
        explanation: one.explanation,
        source: null,
      })),
    );
}

function holidays({ calendar, dates, clinicId, zone }: LayerSources): Band[] {
  const given = new Set((calendar?.exceptions ?? []).map((one) => one.id));
  return (calendar?.days ?? [])
    .filter((day) => day.clinicId === clinicId)
    .flatMap((day) => day.segments)
    .filter((one) => one.kind === "holiday" && !given.has(one.sourceId ?? ""))
    .flatMap((one) =>
      instantBands(`holiday-${one.start}`, one.start, one.end, dates, zone).map((piece) => ({
        ...piece,
        layer: "holiday" as const,
        title: "Holiday",
        explanation: one.explanation,
        source: null,
      })),
    );
}

function leaveBands(leave: Leave, { dates }: LayerSources): Band[] {
  if (leave.status !== "approved" && leave.status !== "requested") return [];
  const isRequested = leave.status === "requested";
  const start = leave.start === null ? 0 : minutesOf(leave.start);
  const end = leave.end === null ? DAY : minutesOf(leave.end);
  return dates
    .filter((date) => leave.first <= date && date <= leave.last)
    .map((date) => ({
      id: `${leave.id}-${date}`,
      layer: "leave" as const,
      date,
      start,
      end,
      title: isRequested ? "Leave asked" : "Leave",
      explanation: isRequested
        ? `${leaveName(leave.type)} asked for, not decided yet`
        : `${leaveName(leave.type)}, approved${leave.decidedBy ? ` by ${leave.decidedBy.name}` : ""}`,
      source: leave.id,
    }));
}

const CLOSED: Record<Closure["kind"], { layer: Layer; title: string }> = {
  forced_block: { layer: "block", title: "Blocked" },
  emergency: { layer: "emergency", title: "Emergency" },
  holiday: { layer: "holiday", title: "Holiday" },
};

function closureBands(closure: Closure, sources: LayerSources): Band[] {
  if (closure.clinicId !== null && closure.clinicId !== sources.clinicId) return [];
  const { layer, title } = CLOSED[closure.kind];
  const why = closure.reason ? `: ${closure.reason}` : "";
  const pieces = instantBands(closure.id, closure.start, closure.end, sources.dates, sources.zone);
  return pieces.map((piece) => ({
    ...piece,
    layer,
    title,
    explanation: `${title}${why}`,
    source: closure.id,
  }));
}

/** Cut a stretch between two instants into one piece a date. */
export function instantBands(
  id: string,
  start: string,
  end: string,
  dates: readonly string[],
  zone: string,
): Pick<Band, "id" | "date" | "start" | "end">[] {
  return dates.flatMap((date) => {
    const from = Math.max(0, minutesOn(date, start, zone));
    const to = Math.min(DAY, minutesOn(date, end, zone));
    return from < to ? [{ id: `${id}-${date}`, date, start: from, end: to }] : [];
  });
}

/** A stretch of one date, cut at midnight; what runs into a date that is not shown falls away. */
function cutToDates(
  id: string,
  date: string,
  start: number,
  end: number,
  dates: readonly string[],
): Pick<Band, "id" | "date" | "start" | "end">[] {
  const first = { id: `${id}-${date}`, date, start, end: Math.min(end, DAY) };
  const next = addDays(date, 1);
  if (end <= DAY || !dates.includes(next)) return [first];
  return [first, { id: `${id}-${next}-night`, date: next, start: 0, end: end - DAY }];
}

/** "Annual leave" for `annual`. */
export function leaveName(type: string): string {
  if (type === "other") return "Other leave";
  const word = type.replaceAll("_", " ");
  return `${word.charAt(0).toUpperCase()}${word.slice(1)} leave`;
}

/** From which hour to which a grid must reach so that nothing painted is out of sight. */
export function visibleHours(
  stretches: readonly { start: number; end: number }[],
  least: { from: number; to: number } = { from: 7 * 60, to: 19 * 60 },
): { from: number; to: number } {
  // What covers a whole day says nothing about when people work.
  const partial = stretches.filter((one) => one.end - one.start < DAY);
  const from = Math.min(least.from, ...partial.map((one) => one.start));
  const to = Math.max(least.to, ...partial.map((one) => Math.min(one.end, DAY)));
  return { from: Math.floor(from / 60) * 60, to: Math.ceil(to / 60) * 60 };
}
