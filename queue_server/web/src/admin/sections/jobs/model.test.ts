import { expect, it } from "vitest";
import { jobWords, lateWords } from "./model";

it("says how late the oldest is", () => {
  expect([0, 40, 300, 7200].map(lateWords)).toEqual([
    "on time",
    "40 s late",
    "5 min late",
    "2 h late",
  ]);
});

it("names kinds it does not know as they are called", () => {
  expect(jobWords("audit_sealing")).toBe("Audit sealing");
  expect(jobWords("waitlist_match")).toBe("Freed times to be offered");
});
