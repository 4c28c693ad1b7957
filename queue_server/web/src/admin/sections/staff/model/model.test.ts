import { expect, test } from "vitest";
import type { AccountView } from "../../../../generated/contract";
import { accountBody, accountDraftOf, accountFaults } from "./account";
import { makePassword, SHORTEST } from "./password";
import { fitting, roleOptions } from "./roles";

function account(changed: Partial<AccountView> = {}): AccountView {
  return {
    id: "a",
    tenantId: "t",
    email: "ada@example.org",
    name: "Ada Falk",
    role: "receptionist",
    clinicIds: [],
    doctorId: null,
    patientId: null,
    disabled: false,
    version: 1,
    ...changed,
  };
}

const ALL = { words: "", role: "", state: "", clinic: null };

test("every word must be in the name or the address", () => {
  const found = [account(), account({ id: "b", name: "Ben Rao", email: "ben@example.org" })];
  const names = (words: string) => fitting(found, { ...ALL, words }).map(({ name }) => name);
  expect(names("FALK ada")).toEqual(["Ada Falk"]);
  expect(names("example")).toEqual(["Ada Falk", "Ben Rao"]);
  expect(names("ada rao")).toEqual([]);
});

test("who is limited to no clinic works at every one", () => {
  const found = [account({ id: "b", clinicIds: ["x"] }), account({ id: "c", clinicIds: ["y"] })];
  const ids = fitting([...found, account()], { ...ALL, clinic: "x" }).map(({ id }) => id);
  expect(ids.sort()).toEqual(["a", "b"]);
});

test("a doctor goes with a role that may stand for one", () => {
  const draft = accountDraftOf(account({ role: "doctor", doctorId: "d" }));
  expect(accountBody(draft).doctorId).toBe("d");
  expect(accountBody({ ...draft, role: "receptionist" }).doctorId).toBeNull();
  expect(accountFaults({ ...draft, doctorId: "" }).map(({ field }) => field)).toEqual(["doctorId"]);
});

test("only platform administrators make others", () => {
  const roles = (giver: AccountView["role"]) => roleOptions(giver).map(({ value }) => value);
  expect(roles("admin")).not.toContain("platform_admin");
  expect(roles("platform_admin")).toContain("platform_admin");
  expect(roles("admin")).not.toContain("patient");
});

test("made-up passwords are long, readable and never the same", () => {
  const made = Array.from({ length: 50 }, makePassword);
  expect(new Set(made).size).toBe(50);
  for (const one of made) {
    expect(one.length).toBeGreaterThanOrEqual(SHORTEST);
    expect(one).toMatch(/^[a-km-np-z2-9-]+$/);
  }
});
