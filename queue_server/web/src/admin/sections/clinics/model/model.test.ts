import { expect, it } from "vitest";
import type { QueuePolicy } from "../../../../generated/contract";
import { clinicBody, clinicDraftOf, clinicFaults, slugFor } from "./clinic";
import { policyBody, policyDraftOf, policyFaults } from "./policy";

const policy: QueuePolicy = {
  windowMinutes: 60,
  graceMinutes: 15,
  earlyMax: 30,
  lateAfter: 10,
  releaseAfter: 20,
  latePolicy: "key",
  skipBehind: 2,
  skipMax: 2,
  holdsPerPatient: 2,
  cancelDeadlineMinutes: 120,
  slaWaitMinutes: 45,
};

it("shortens a name to what addresses can hold", () => {
  expect(slugFor("Clínica São João, 2º andar")).toBe("clinica-sao-joao-2-andar");
  expect(slugFor("  !  ")).toBe("");
});

it("makes a body of what was typed; an empty cap is none", () => {
  const draft = { ...clinicDraftOf(null, "Europe/Berlin"), name: " Riverside ", perDay: "80" };
  expect(clinicBody({ ...draft, country: "DE", region: "by" })).toEqual({
    name: "Riverside",
    slug: "riverside",
    timezone: "Europe/Berlin",
    address: "",
    capacity: { perDay: 80, perWindow: null },
    holidays: { country: "DE", region: "BY" },
  });
  expect(clinicBody(draft).holidays).toBeNull();
});

it("tells what a clinic lacks", () => {
  const draft = { ...clinicDraftOf(null), perDay: "0", perWindow: "few", region: "BY" };
  expect(clinicFaults(draft).map(({ field }) => field)).toEqual([
    "name",
    "timezone",
    "capacity.perDay",
    "capacity.perWindow",
    "holidays.country",
  ]);
});

it("gives back the policy that it was made from", () => {
  expect(policyBody(policyDraftOf(policy, 3))).toEqual(policy);
});

it("keeps every number of the policy within its bounds", () => {
  const draft = { ...policyDraftOf(policy, 3), windowMinutes: "4", graceMinutes: "1.5" };
  expect(policyFaults(draft).map(({ field }) => field)).toEqual(["windowMinutes", "graceMinutes"]);
  expect(policyFaults(policyDraftOf(policy, 3))).toEqual([]);
});
