import { describe, expect, it } from "vitest";
import type { Closure, DoctorCalendar, Leave, Schedule, Sitting } from "../wire";
import { bandsOver, baseBands, type LayerSources, layersAt, visibleHours } from "./layers";
import { weekOf } from "./wall-time";

const MORNING: Sitting = {
  weekday: 1,
  start: "09:00",
  end: "12:00",
  endsNextDay: false,
  slotMinutes: 15,
  bufferMinutes: 0,
  inPerson: 1,
  tele: 0,
  total: 1,
  roomId: null,
  equipmentIds: [],
};

const MONDAY = "2026-11-23";
const NO_SLOTS = { total: 0, free: 0, booked: 0, blocked: 0, freeInPerson: 0, freeTele: 0 };

function schedule(changed: Partial<Schedule> = {}): Schedule {
  return {
    id: "s",
    doctorId: "d",
    clinicId: "c",
    effectiveFrom: "2026-11-01",
    effectiveUntil: null,
    ended: false,
    sittings: [MORNING],
    overrides: [],
    version: 1,
    preview: null,
    ...changed,
  };
}

function leave(changed: Partial<Leave> = {}): Leave {
  return {
    id: "l",
    doctorId: "d",
    doctorName: "Dr Alder",
    type: "annual",
    first: MONDAY,
    last: "2026-11-24",
    start: null,
    end: null,
    status: "approved",
    reason: null,
    requestedBy: null,
    requestedAt: "2026-11-01T08:00:00Z",
    decidedBy: { id: "h", name: "Ines Falk" },
    decidedAt: "2026-11-02T08:00:00Z",
    decisionReason: null,
    hits: 0,
    mayDecide: true,
    mayCancel: true,
    version: 2,
    preview: null,
    ...changed,
  };
}

function block(changed: Partial<Closure> = {}): Closure {
  return {
    id: "x",
    doctorId: "d",
    kind: "forced_block",
    clinicId: null,
    start: `${MONDAY}T09:00:00Z`,
    end: `${MONDAY}T10:00:00Z`,
    reason: "Lift repaired",
    preview: null,
    ...changed,
  };
}

function calendar(changed: Partial<DoctorCalendar> = {}): DoctorCalendar {
  return {
    doctorId: "d",
    doctorName: "Dr Alder",
    days: [],
    exceptions: [],
    leaves: [],
    ...changed,
  };
}

function sources(changed: Partial<LayerSources> = {}): LayerSources {
  return {
    dates: weekOf(MONDAY),
    clinicId: "c",
    zone: "UTC",
    schedules: [schedule()],
    calendar: calendar(),
    clinicName: () => "Hill Clinic",
    ...changed,
  };
}

describe("the weekly hours", () => {
  it("lie on the dates of their weekday, while they are in effect", () => {
    expect(baseBands(sources()).map((one) => [one.date, one.start, one.end])).toEqual([
      [MONDAY, 540, 720],
    ]);
    const later = schedule({ effectiveFrom: "2026-11-24" });
    expect(baseBands(sources({ schedules: [later] }))).toEqual([]);
  });

  it("run on into the next date at night", () => {
    const night = schedule({
      sittings: [{ ...MORNING, start: "22:00", end: "02:00", endsNextDay: true }],
    });
    const bands = baseBands(sources({ schedules: [night] }));
    expect(bands.map((one) => [one.date, one.start, one.end])).toEqual([
      [MONDAY, 1320, 1440],
      ["2026-11-24", 0, 120],
    ]);
  });

  it("stay visible under the hours that replace them", () => {
    const sitting = { ...MORNING, start: "14:00", end: "16:00" };
    const changed = schedule({
      overrides: [
        { id: "o", scheduleId: "s", date: MONDAY, sittings: [sitting], reason: "Training" },
      ],
    });
    expect(baseBands(sources({ schedules: [changed] }))[0]?.replaced).toBe(true);
    expect(bandsOver(sources({ schedules: [changed] }))).toMatchObject([
      { layer: "override", start: 840, end: 960, source: "o" },
    ]);
  });
});

describe("the layers above", () => {
  it("close a whole date that has no hours of its own", () => {
    const closed = schedule({
      overrides: [{ id: "o", scheduleId: "s", date: MONDAY, sittings: [], reason: null }],
    });
    const [band] = bandsOver(sources({ schedules: [closed] }));
    expect(band).toMatchObject({ title: "Closed this date", start: 0, end: 1440 });
  });

  it("show leave on each of its dates, and say who approved it", () => {
    const bands = bandsOver(sources({ calendar: calendar({ leaves: [leave()] }) }));
    expect(bands.map((one) => one.date)).toEqual([MONDAY, "2026-11-24"]);
    expect(bands[0]?.explanation).toBe("Annual leave, approved by Ines Falk");
  });

  it("show leave that is only asked for, and none that was rejected", () => {
    const asked = leave({ status: "requested", start: "09:00", end: "11:00", last: MONDAY });
    const rejected = leave({ id: "r", status: "rejected" });
    const bands = bandsOver(sources({ calendar: calendar({ leaves: [asked, rejected] }) }));
    expect(bands).toMatchObject([{ title: "Leave asked", start: 540, end: 660 }]);
  });

  it("show closures by the clinic's clock, cut at midnight", () => {
    const night = block({ start: `${MONDAY}T20:00:00Z`, end: "2026-11-24T03:00:00Z" });
    const bands = bandsOver(
      sources({ zone: "Europe/Copenhagen", calendar: calendar({ exceptions: [night] }) }),
    );
    expect(bands.map((one) => [one.date, one.start, one.end])).toEqual([
      [MONDAY, 1260, 1440],
      ["2026-11-24", 0, 240],
    ]);
    expect(bands[0]?.explanation).toBe("Blocked: Lift repaired");
  });

  it("leave out closures of another clinic", () => {
    const other = calendar({ exceptions: [block({ clinicId: "elsewhere" })] });
    expect(bandsOver(sources({ calendar: other }))).toEqual([]);
  });

  it("take the clinic's holidays from its calendar", () => {
    const segment = {
      start: `${MONDAY}T00:00:00Z`,
      end: "2026-11-24T00:00:00Z",
      open: false,
      kind: "holiday",
      sourceId: null,
      explanation: "Closed: Founders' Day",
    };
    const day = {
      date: MONDAY,
      clinicId: "c",
      timezone: "UTC",
      segments: [segment],
      slots: NO_SLOTS,
    };
    const bands = bandsOver(sources({ calendar: calendar({ days: [day] }) }));
    expect(bands).toMatchObject([
      { layer: "holiday", start: 0, end: 1440, explanation: "Closed: Founders' Day" },
    ]);
  });

  it("say where a room is closed that the hours need", () => {
    const closed = {
      start: `${MONDAY}T09:00:00Z`,
      end: `${MONDAY}T10:00:00Z`,
      open: false,
      kind: "maintenance",
      sourceId: "m",
      explanation: "closed: Room 2 is under maintenance until 23 November 2026, 10:00",
    };
    const day = {
      date: MONDAY,
      clinicId: "c",
      timezone: "UTC",
      segments: [closed],
      slots: NO_SLOTS,
    };
    const { explanation } = closed;
    expect(bandsOver(sources({ calendar: calendar({ days: [day] }) }))).toMatchObject([
      { layer: "maintenance", title: "Maintenance", start: 540, end: 600, explanation },
    ]);
    const elsewhere = calendar({ days: [{ ...day, clinicId: "hill" }] });
    expect(bandsOver(sources({ calendar: elsewhere }))).toEqual([]);
  });

  it("show where else the doctor sits", () => {
    const other = schedule({ id: "t", clinicId: "hill" });
    expect(bandsOver(sources({ schedules: [other] }))).toMatchObject([
      { layer: "elsewhere", title: "Hill Clinic" },
    ]);
  });

  it("can all be named for one moment", () => {
    const over = sources({ calendar: calendar({ leaves: [leave()], exceptions: [block()] }) });
    const bands = [...baseBands(over), ...bandsOver(over)];
    expect(layersAt(bands, MONDAY, 550).map((one) => one.layer)).toEqual([
      "base",
      "leave",
      "block",
    ]);
    expect(layersAt(bands, MONDAY, 650).map((one) => one.layer)).toEqual(["base", "leave"]);
  });
});

describe("the hours of a grid", () => {
  it("reach as far as somebody works, and whole days change nothing", () => {
    expect(visibleHours([])).toEqual({ from: 420, to: 1140 });
    expect(visibleHours([{ start: 0, end: 1440 }])).toEqual({ from: 420, to: 1140 });
    expect(visibleHours([{ start: 390, end: 500 }])).toEqual({ from: 360, to: 1140 });
    expect(visibleHours([{ start: 1320, end: 1560 }])).toEqual({ from: 420, to: 1440 });
  });
});
