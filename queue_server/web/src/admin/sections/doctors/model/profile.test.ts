import { expect, it } from "vitest";
import type { DoctorDetail } from "../../../../generated/contract";
import { feesDraftOf, feesOf } from "./fees";
import { changeOf, draftOf, faultsOf } from "./profile";

const doctor: DoctorDetail = {
  id: "d",
  name: "Dr Vale",
  status: "draft",
  bio: "",
  specialtyLabel: "",
  specialties: ["dermatology"],
  qualifications: [{ id: "q", title: "MD", institution: "Lund", year: 2009 }],
  languages: ["en"],
  modes: ["in_person"],
  fees: { currency: "EUR", consultation: 4550, followUp: null, tele: 0 },
  departmentIds: [],
  clinicIds: [],
  homeClinicId: null,
  room: "",
  ticketPrefix: null,
  publicProfileVisible: true,
  acceptsOnlineBookings: true,
  onboardingProgress: 0,
  score: 10,
  isBookable: false,
  version: 4,
};

it("sends only what was changed", () => {
  const before = draftOf(doctor);
  expect(changeOf(before, before)).toEqual({});
  expect(changeOf({ ...before, bio: " Knows skin. " }, before)).toEqual({ bio: "Knows skin." });
  expect(changeOf({ ...before, ticketPrefix: "v" }, before)).toEqual({ ticketPrefix: "V" });
});

it("keeps the id of a qualification that was there", () => {
  const before = draftOf(doctor);
  const more = { id: null, title: "Board", institution: "", year: "" };
  const { qualifications } = changeOf(
    { ...before, qualifications: [...before.qualifications, more] },
    before,
  );
  expect(qualifications).toEqual([
    { id: "q", title: "MD", institution: "Lund", year: 2009 },
    { title: "Board", institution: "", year: null },
  ]);
});

it("never sends a licence that was not shown and not typed", () => {
  const before = draftOf(doctor);
  expect(changeOf({ ...before, name: "Dr V" }, before)).not.toHaveProperty("licence");
  const typed = { ...before, licenceNumber: "X-1", licenceAuthority: "The board" };
  expect(changeOf(typed, before).licence).toEqual({
    number: "X-1",
    authority: "The board",
    validUntil: null,
  });
});

it("tells what is missing at the field where it is missing", () => {
  const draft = {
    ...draftOf(doctor),
    name: " ",
    modes: [],
    qualifications: [{ id: null, title: "", institution: "", year: "09" }],
    licenceUntil: "2031-01-01",
  };
  expect(faultsOf(draft).map(({ field }) => field)).toEqual([
    "name",
    "modes",
    "qualifications[0].title",
    "qualifications[0].year",
    "licence.number",
    "licence.authority",
  ]);
  expect(faultsOf(draftOf(doctor))).toEqual([]);
});

it("reads and writes fees in major units; nothing is not the same as free", () => {
  const draft = feesDraftOf(doctor, "USD");
  expect(draft).toMatchObject({
    currency: "EUR",
    consultation: "45.50",
    followUp: "",
    tele: "0.00",
  });
  expect(feesOf(draft)).toEqual({ body: doctor.fees });
  expect(feesDraftOf({ ...doctor, fees: null }, "USD")).toMatchObject({
    currency: "USD",
    consultation: "",
  });
});

it("names each fee that is no amount", () => {
  const made = feesOf({
    version: 1,
    currency: "JPY",
    consultation: "",
    followUp: "1.5",
    tele: "x",
  });
  const faults = "faults" in made ? made.faults.map(({ field }) => field) : [];
  expect(faults).toEqual(["followUp", "tele", "consultation"]);
});
