import { expect, it } from "vitest";
import type { OnboardingStageView, OnboardingView } from "../../../../generated/contract";
import { currentStage, otherBlockers, progressSentence, STAGE_WORDS, stepNote } from "./onboarding";

type Name = OnboardingStageView["name"];

function stage(
  name: Name,
  status: OnboardingStageView["status"],
  more: Partial<OnboardingStageView> = {},
): OnboardingStageView {
  return { name, status, checks: [], blockers: [], completedAt: null, completedBy: null, ...more };
}

function view(...stages: OnboardingStageView[]): OnboardingView {
  return { doctorId: "d", progress: 0, score: 0, stages, version: 1 };
}

it("looks first at the step that can be completed, else at the first that is not done", () => {
  const done = stage("profile", "done");
  expect(currentStage(view(done, stage("credentials", "blocked"), stage("fees", "ready")))).toBe(
    "fees",
  );
  expect(currentStage(view(done, stage("credentials", "blocked"), stage("fees", "open")))).toBe(
    "credentials",
  );
  expect(currentStage(view(done))).toBeNull();
});

it("says how far it is and what comes next", () => {
  const done = stage("profile", "done");
  expect(progressSentence(view(done, stage("credentials", "ready")))).toBe(
    "1 of 2 steps done. Next: Credentials.",
  );
  expect(progressSentence(view(done))).toBe("Onboarding is complete.");
});

it("names below a blocked step what is in the way", () => {
  const checks = [
    { name: "description", ok: true, reason: "" },
    { name: "languages", ok: false, reason: "No language is given." },
  ];
  expect(stepNote(stage("profile", "blocked", { checks }))).toBe("No language is given.");
  expect(stepNote(stage("profile", "open"))).toBe("Waits for earlier steps");
});

it("repeats no reason that a check has told, and calls steps by the names people see", () => {
  const checks = [{ name: "fees_configured", ok: false, reason: "No fees are set." }];
  const blockers = ["No fees are set.", "Earlier stages are open: profile, locations."];
  expect(otherBlockers(stage("fees", "blocked", { checks, blockers }))).toEqual([
    "Earlier stages are open: Profile, Clinics.",
  ]);
});

it("has words for all ten steps", () => {
  expect(Object.keys(STAGE_WORDS)).toHaveLength(10);
});
