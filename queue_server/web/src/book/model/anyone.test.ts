import { describe, expect, it } from "vitest";
import type { DoctorDetail, SlotView } from "../../generated/contract";
import { anyoneFound, anyoneOf, freeWithAnyone, ofAnyone, queryOfAnyone, timeId } from "./anyone";
import { NO_FILTERS } from "./results";
import { lookedUp, nearest, type ShownSlot } from "./slots";

function slot(doctorId: string, at: string, changed: Partial<SlotView> = {}): SlotView {
  return {
    id: `${doctorId} ${at}`,
    doctorId,
    clinicId: "riverside",
    start: `2026-03-02T${at}:00Z`,
    status: "free",
    remaining: { inPerson: 1, tele: 0 },
    ...changed,
  } as SlotView;
}

function doctor(id: string, ...specialties: string[]): DoctorDetail {
  return { id, name: id, specialties } as DoctorDetail;
}

const cardiology = { ...NO_FILTERS, specialty: "cardiology" };
const two = [doctor("mehta", "cardiology"), doctor("okonkwo", "cardiology", "general")];
const both = [slot("mehta", "09:00"), slot("okonkwo", "09:00")];

describe("whoever is free", () => {
  it("is offered where several of one specialty or clinic have free times", () => {
    expect(anyoneFound(cardiology, two, both, true)).toEqual({
      specialty: "cardiology",
      clinicId: "",
      language: "",
      doctorIds: [],
    });
    const clinic = { ...NO_FILTERS, clinicId: "riverside" };
    expect(anyoneFound(clinic, two, both, false)?.clinicId).toBe("riverside");
    expect(anyoneFound(NO_FILTERS, two, both, true)?.specialty).toBe("cardiology");
  });

  it("is not, where it would be one doctor, of any specialty, or not who was looked for", () => {
    expect(anyoneFound(cardiology, two, [slot("mehta", "09:00")], true)).toBeNull();
    const mixed = [doctor("mehta", "cardiology"), doctor("okonkwo", "general")];
    expect(anyoneFound(NO_FILTERS, mixed, both, true)).toBeNull();
    // Who is on the next page may be of another one.
    expect(anyoneFound(NO_FILTERS, two, both, false)).toBeNull();
    expect(anyoneFound({ ...cardiology, q: "Mehta" }, two, both, true)).toBeNull();
  });

  it("is one of those who speak the language that was asked for", () => {
    const spoken = { ...cardiology, language: "ar" };
    expect(anyoneOf(spoken, two).doctorIds).toEqual(["mehta", "okonkwo"]);
    expect(queryOfAnyone(anyoneOf(spoken, two))).toEqual({
      specialty: "cardiology",
      language: "ar",
    });
  });
});

describe("times of several doctors", () => {
  it("are one where they begin together, with all their places", () => {
    const times = freeWithAnyone([...both, slot("mehta", "09:10")], "in_person");
    expect(times.map((one) => [one.start.slice(11, 16), one.remaining.inPerson])).toEqual([
      ["09:00", 2],
      ["09:10", 1],
    ]);
  });

  it("are two at two clinics, but by video it is all the same where", () => {
    const elsewhere = { clinicId: "hillside", remaining: { inPerson: 1, tele: 1 } };
    const here = { remaining: { inPerson: 1, tele: 1 } };
    const slots = [slot("mehta", "09:00", here), slot("okonkwo", "09:00", elsewhere)];
    const clinics = freeWithAnyone(slots, "in_person").map((one) => one.clinicId);
    expect(clinics).toEqual(["riverside", "hillside"]);
    expect(freeWithAnyone(slots, "tele")).toHaveLength(1);
  });

  it("are free as long as one of them is", () => {
    const shown = (looks: ShownSlot["look"][]) =>
      looks.map((look, n): ShownSlot => ({ slot: slot(`d${n}`, "09:00"), look }));
    const looks = (...of: ShownSlot["look"][]) => ofAnyone(shown(of), "in_person")[0]?.look;
    expect(looks("taken", "free", "held")).toBe("free");
    expect(looks("taken", "held")).toBe("held");
    expect(looks("taken", "taken")).toBe("taken");
    expect(ofAnyone(shown(["taken", "free"]), "in_person")[0]?.slot.remaining.inPerson).toBe(1);
  });

  it("that cannot be had this way are none", () => {
    expect(freeWithAnyone(both, "tele")).toEqual([]);
  });

  it("are known by what they are, whoever has them", () => {
    const [time] = freeWithAnyone(both, "in_person");
    expect(time?.id).toBe(timeId(slot("okonkwo", "09:00"), "in_person"));
    const left = freeWithAnyone([...both, slot("mehta", "09:20")], "in_person");
    expect(nearest(left, slot("mehta", "09:00").start, "in_person", time?.id)?.start).toContain(
      "09:20",
    );
  });
});

describe("a day that is shown piece by piece", () => {
  it("keeps what lies behind the piece that was looked up again", () => {
    const shown = lookedUp([], [slot("mehta", "09:00"), slot("mehta", "11:00")]);
    const until = Date.parse(slot("mehta", "10:00").start);
    const again = lookedUp(shown, [slot("mehta", "10:00")], until);
    expect(again.map((one) => one.look)).toEqual(["taken", "free", "free"]);
  });
});
