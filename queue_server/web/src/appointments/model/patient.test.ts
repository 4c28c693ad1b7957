import { expect, it } from "vitest";
import { bodyOf, faultsOf, peopleOf, startOf } from "./patient";

it("shows a person with two places today once", () => {
  const patient = { id: "1", name: "Mei Chen", phone: null, email: null, language: "en" };
  const place = { doctorId: null, doctorName: null, start: null, ticket: null, state: null };
  const found = ["a", "b"].map((appointmentId) => ({ patient, appointmentId, ...place }));
  expect(peopleOf(found)).toEqual([patient]);
});

it.each([
  ["Mei Chen", { name: "Mei Chen" }],
  [" +1 555 0142 ", { phone: "+1 555 0142" }],
  ["0301234", { phone: "0301234" }],
  ["mei@example.org", { email: "mei@example.org" }],
  ["12", { name: "12" }],
])("takes %s over into the field where it belongs", (typed, where) => {
  expect(startOf(typed)).toEqual({ name: "", phone: "", email: "", language: "en", ...where });
});

it("complains about each field that the server would refuse", () => {
  const wrong = { name: " ", phone: "call me", email: "mei", language: "en" };
  expect(faultsOf(wrong).map(({ field }) => field)).toEqual([
    "patient.name",
    "patient.phone",
    "patient.email",
  ]);
  expect(faultsOf({ name: "Mei", phone: "", email: "", language: "en" })).toEqual([]);
});

it("sends nothing that was left empty", () => {
  const body = bodyOf({ name: " Mei ", phone: "", email: " mei@example.org ", language: "hi" });
  expect(body).toEqual({ name: "Mei", email: "mei@example.org", language: "hi" });
});
