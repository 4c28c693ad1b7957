import { expect, it } from "vitest";
import { anyoneWouldDo, clinicsToWaitAt, modesOf, queryOfJoin } from "./join";

it("is joined where the doctor works, or at any clinic", () => {
  expect(clinicsToWaitAt({ clinicIds: ["b", "gone"] }, ["a", "b"])).toEqual(["b"]);
  expect(clinicsToWaitAt(undefined, ["a", "b"])).toEqual(["a", "b"]);
});

it("offers only ways in which the doctor sees anybody", () => {
  expect(modesOf({ modes: ["tele"] })).toEqual(["tele"]);
  expect(modesOf(undefined)).toHaveLength(2);
});

it("does not take anybody for somebody of a specialty", () => {
  expect(anyoneWouldDo(new URLSearchParams("clinicId=a"))).toBe(true);
  expect(anyoneWouldDo(new URLSearchParams("specialty=skin&clinicId=a"))).toBe(false);
});

it("takes along the day, the way to come, and a clinic if there is one", () => {
  const of = { doctorId: "mehta", query: { doctorId: "mehta" }, clinicIds: ["a"] };
  expect(queryOfJoin(of, "tele", "2026-03-02")).toEqual({
    doctorId: "mehta",
    clinicId: "a",
    mode: "tele",
    from: "2026-03-02",
  });
  expect(queryOfJoin({ ...of, clinicIds: ["a", "b"] }, "in_person", null)).toEqual({
    doctorId: "mehta",
    mode: "in_person",
  });
});
