// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import type { DoctorDetail, SlotView } from "../../generated/contract";
import { asciiDigits } from "../../patient/digits";
import { cache, cached } from "./cache";
import { left } from "./countdown";
import { dateOf, mondayOf, nextFree, plusDays, tint, weeksFrom } from "./days";
import { contactOf, mistakesOf } from "./details";
import { filtersOf, NO_FILTERS, queryOf, results } from "./results";
import { hasAppeared, heard, lookedUp, nearest } from "./slots";

function slot(at: string, changed: Partial<SlotView> = {}): SlotView {
  return {
    id: at,
    doctorId: "mehta",
    start: `2026-03-02T${at}:00Z`,
    status: "free",
    remaining: { inPerson: 1, tele: 0 },
    ...changed,
  } as SlotView;
}

const full = { status: "full", remaining: { inPerson: 0, tele: 0 } } as const;

describe("the countdown of a hold", () => {
  it("tells minutes and seconds, amber for the last two minutes", () => {
    const end = "2026-03-02T09:10:00Z";
    const at = (time: string) => left(end, Date.parse(`2026-03-02T${time}Z`));
    expect(at("09:00:19")).toMatchObject({ text: "9:41", isShort: false, isOver: false });
    expect(at("09:07:59")).toMatchObject({ text: "2:01", isShort: false });
    expect(at("09:08:00")).toMatchObject({ text: "2:00", isShort: true });
    expect(at("09:10:00")).toMatchObject({ text: "0:00", isOver: true });
    expect(at("09:30:00").text).toBe("0:00");
    expect(at("08:59:59.200").text).toBe("10:00");
  });
});

describe("the nearest free time", () => {
  it("may be before or after, and of two as near it is the later one", () => {
    const slots = [slot("09:00"), slot("09:40"), slot("10:30")];
    expect(nearest(slots, slot("09:30").start, "in_person")?.id).toBe("09:40");
    expect(nearest(slots, slot("09:20").start, "in_person")?.id).toBe("09:40");
    expect(nearest(slots, slot("09:10").start, "in_person")?.id).toBe("09:00");
  });

  it("is one that can be had this way, and not the one that was lost", () => {
    const video = slot("09:30", { remaining: { inPerson: 0, tele: 1 } });
    const slots = [slot("09:20", full), video, slot("09:00")];
    expect(nearest(slots, slot("09:20").start, "in_person")?.id).toBe("09:00");
    expect(nearest(slots, slot("09:20").start, "tele")?.id).toBe("09:30");
    expect(nearest(slots, slot("09:00").start, "in_person", "09:00")).toBeUndefined();
  });
});

describe("a day's slots", () => {
  const shown = lookedUp([], [slot("09:00"), slot("09:20")]);
  const day = "2026-03-02";
  const news = {
    slotId: "09:20",
    doctorId: "mehta",
    start: slot("09:20").start,
    date: day,
    version: 2,
  };
  const freed = { status: "free", remaining: { inPerson: 1, tele: 0 } } as const;

  it("fade where they stand when somebody holds or takes them, and come back", () => {
    const held = heard(shown, { ...news, ...full, status: "held" });
    expect(held.map((one) => one.look)).toEqual(["free", "held"]);
    const taken = heard(held, { ...news, ...full });
    expect(taken.map((one) => one.look)).toEqual(["free", "taken"]);
    const free = heard(taken, { ...news, status: "free", remaining: { inPerson: 1, tele: 0 } });
    expect(free.map((one) => one.look)).toEqual(["free", "free"]);
  });

  it("stay as they are at news that are older than what is known", () => {
    const found = lookedUp([], [slot("09:20", { ...full, version: 3 })]);
    const looks = heard(found, { ...news, ...freed }).map((one) => one.look);
    expect(looks).toEqual(["taken"]);
  });

  it("stay as they are at an answer that is older than what was heard meanwhile", () => {
    const [one, other] = [slot("09:00", { version: 1 }), slot("09:20", { version: 1 })];
    const before = lookedUp([], [one, other]);
    const after = heard(before, { ...news, ...full, status: "held" });
    expect(lookedUp(after, [one, other]).map(({ look }) => look)).toEqual(["free", "held"]);
    const free = heard(heard(before, { ...news, ...full }), { ...news, ...freed, version: 3 });
    const late = lookedUp(free, [one], undefined, new Set([news.slotId]));
    expect(late.map(({ look }) => look)).toEqual(["free", "free"]);
  });

  it("are looked up when news tell of a free one that is not among them", () => {
    const elsewhere = { ...news, ...freed, slotId: "10:00" };
    expect(hasAppeared(shown, elsewhere, day)).toBe(true);
    expect(hasAppeared([], elsewhere, day)).toBe(true);
    expect(hasAppeared(shown, { ...elsewhere, ...full }, day)).toBe(false);
    expect(hasAppeared(shown, elsewhere, "2026-03-03")).toBe(false);
    expect(hasAppeared(shown, { ...news, ...freed }, day)).toBe(false);
  });

  it("stay as they are at news of another day", () => {
    expect(heard(shown, { ...news, slotId: "elsewhere", ...full })).toBe(shown);
  });

  it("keep their places when the day is looked up again", () => {
    const again = lookedUp(shown, [slot("09:20"), slot("09:10")]);
    expect(again.map((one) => [one.slot.id, one.look])).toEqual([
      ["09:00", "taken"],
      ["09:10", "free"],
      ["09:20", "free"],
    ]);
  });
});

describe("days", () => {
  it("stand in five weeks from a Monday", () => {
    expect(mondayOf("2026-03-01")).toBe("2026-02-23");
    expect(mondayOf("2026-03-02")).toBe("2026-03-02");
    expect(weeksFrom("2026-03-02")).toHaveLength(35);
    expect(weeksFrom("2026-03-02").at(-1)).toBe("2026-04-05");
    expect(plusDays("2026-12-31", 1)).toBe("2027-01-01");
  });

  it("that an address names are days that there are", () => {
    expect(dateOf("2026-03-02")).toBe("2026-03-02");
    for (const wrong of ["abc", "", null, undefined, "2026-3-2", "2026-13-01", "2026-02-30"]) {
      expect(dateOf(wrong)).toBeUndefined();
    }
  });

  it("are tinted by how much is free, compared with the best day", () => {
    expect([0, 1, 5, 10, 20].map((free) => tint(free, 20))).toEqual([0, 1, 1, 2, 4]);
    expect(tint(1, 1)).toBe(4);
  });

  it("that are free come next, whatever the order they are told in", () => {
    const days = [
      { date: "2026-03-09", free: 4 },
      { date: "2026-03-03", free: 0 },
      { date: "2026-03-05", free: 2 },
    ];
    expect(nextFree(days, "2026-03-02")?.date).toBe("2026-03-05");
    expect(nextFree(days, "2026-03-06")?.date).toBe("2026-03-09");
    expect(nextFree(days, "2026-03-10")).toBeUndefined();
  });
});

describe("details", () => {
  const typed = { name: "Amal", contact: "+962 79 000", language: "ar" };

  it("take a phone number or an e-mail address", () => {
    expect(contactOf(" +962 79 000 ")).toEqual({ phone: "+962 79 000" });
    expect(contactOf("amal@example.org")).toEqual({ email: "amal@example.org" });
    for (const wrong of ["amal", "12", "a b@c", "---"]) expect(contactOf(wrong)).toBeNull();
  });

  it("take the digits that the reader's keyboard has", () => {
    expect(asciiDigits("٠١٢٣٤٥٦٧٨٩ ۴۵۶ ०१२९ ＋４２")).toBe("0123456789 456 0129 +42");
    expect(contactOf("+٩٦٢ ٧٩ ٠٠٠")).toEqual({ phone: "+962 79 000" });
    expect(contactOf("९८१०० १२३४५")).toEqual({ phone: "98100 12345" });
    expect(asciiDigits("amal@example.org")).toBe("amal@example.org");
  });

  it("say what is missing", () => {
    expect(mistakesOf(typed)).toEqual({});
    expect(mistakesOf({ ...typed, name: " ", contact: "" })).toEqual({
      name: "name_missing",
      contact: "contact_missing",
    });
    expect(mistakesOf({ ...typed, contact: "amal" })).toEqual({ contact: "contact_wrong" });
  });
});

describe("results of a search", () => {
  const doctor = (id: string) => ({ id, name: id }) as DoctorDetail;

  it("put whoever can be seen first in front, with three times each", () => {
    const times = ["09:00", "09:10", "09:20", "09:30"].map((at) =>
      slot(at, { doctorId: "okonkwo" }),
    );
    const found = results(
      [doctor("banerjee"), doctor("mehta"), doctor("okonkwo")],
      [...times, slot("11:00")],
    );
    expect(found.map((one) => [one.doctor.id, one.times.length])).toEqual([
      ["okonkwo", 3],
      ["mehta", 1],
      ["banerjee", 0],
    ]);
  });

  it("are those with a time, where a part of the day is asked for", () => {
    expect(results([doctor("mehta"), doctor("okonkwo")], [slot("11:00")], null, true)).toHaveLength(
      1,
    );
  });

  it("say of nobody that nothing is free whose times were not asked for", () => {
    const doctors = [doctor("mehta"), doctor("okonkwo"), doctor("banerjee")];
    const found = results(doctors, [slot("11:00")], ["mehta", "banerjee"], true);
    expect(found.map((one) => [one.doctor.id, one.isKnown])).toEqual([
      ["mehta", true],
      ["okonkwo", false],
    ]);
    expect(results(doctors, []).every((one) => one.isKnown)).toBe(true);
  });

  it("come from filters that an address carries", () => {
    const filters = filtersOf(new URLSearchParams("specialty=cardiology&mode=tele&lang=ar"));
    expect(filters).toEqual({ ...NO_FILTERS, specialty: "cardiology", mode: "tele" });
    expect(queryOf(filters, ["mode"])).toEqual({ specialty: "cardiology" });
  });
});

describe("cached searches", () => {
  beforeEach(() => localStorage.clear());

  it("are shown again for a day", () => {
    cache("q", [1], 1_000, localStorage);
    expect(cached("q", 2_000, localStorage)).toEqual({ at: 1_000, value: [1] });
    expect(cached("other", 2_000, localStorage)).toBeNull();
    expect(cached("q", 90_000_000, localStorage)).toBeNull();
  });

  it("make room for newer ones", () => {
    for (let n = 0; n < 20; n++) cache(`q${n}`, n, n, localStorage);
    expect(cached("q7", 20, localStorage)).toBeNull();
    expect(cached("q8", 20, localStorage)?.value).toBe(8);
  });

  it("that cannot be read are none", () => {
    localStorage.setItem("booking.searches", "{");
    expect(cached("q", 1, localStorage)).toBeNull();
  });
});
