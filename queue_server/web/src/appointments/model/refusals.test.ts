import { expect, it } from "vitest";
import { NoAnswer, Refused } from "../../shared/http";
import { explained, incomplete, isTimeGone, refusalWords } from "./refusals";

function refused(code: string, detail: string, status = 409): Refused {
  return new Refused({ type: "about:blank", title: "No", status, detail, code, errors: [] });
}

it("says why, and what to do next", () => {
  expect(refusalWords(refused("slot_unavailable", "Somebody is just booking this time."))).toBe(
    "Somebody is just booking this time. Choose another time.",
  );
  expect(refusalWords(new NoAnswer())).toContain("Try again");
});

it("names what is in the way besides", () => {
  const error = incomplete([{ field: "equipmentIds", message: "The scanner is taken." }]);
  expect(refusalWords(error)).toBe("Please look at the marked fields. The scanner is taken.");
});

it("keeps what kind of refusal it is", () => {
  const error = explained(refused("hold_expired", "The time you had is over."));
  expect(error).toBeInstanceOf(Refused);
  expect(error.message).toContain("what you typed is kept");
  expect(explained(new NoAnswer())).toBeInstanceOf(NoAnswer);
});

it("knows when another time would help", () => {
  expect(isTimeGone(refused("slot_blocked", ""))).toBe(true);
  expect(isTimeGone(refused("hold_expired", ""))).toBe(true);
  expect(isTimeGone(refused("resource_taken", ""))).toBe(false);
  expect(isTimeGone(new NoAnswer())).toBe(false);
});
