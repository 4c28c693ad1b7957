import { describe, expect, it } from "vitest";
import type { WaitlistPolicy } from "../../../../generated/contract";
import { waiting } from "../../../../waitlist/testing";
import { inTurn, narrowed, type Outcome, tallyWords } from "./oversight";
import { draftOf, moveWords, policyFaults, policyOf, previewWords } from "./policy";

const POLICY: WaitlistPolicy = {
  maxQueueSize: 50,
  autoExpiryHours: 720,
  autoPromoteBufferMinutes: 60,
  inviteMinutes: 30,
  autoInvite: true,
  minLeadMinutes: 120,
  quietHours: { start: "21:00", end: "08:00" },
  priorityWeights: { waitTime: 1, membershipLevel: 0.5, chronicCondition: 3, windowFit: 2 },
  targetDays: { routine: 28, soon: 14, urgent: 4 },
  notificationTemplateOverrides: { booked: "short" },
  excludedVisitTypes: ["procedure"],
};
const DRAFT = draftOf(POLICY, 3);

const faultyFields = (change: Partial<typeof DRAFT>) =>
  policyFaults({ ...DRAFT, ...change }).map(({ field }) => field);

describe("the policy as it is typed", () => {
  it("says the same as the policy it came from", () => {
    expect(policyFaults(DRAFT)).toEqual([]);
    expect(policyOf(DRAFT)).toEqual(POLICY);
  });

  it("takes a comma before decimals, and no letters", () => {
    expect(policyOf({ ...DRAFT, waitTime: "1,5" }).priorityWeights.waitTime).toBe(1.5);
    expect(faultyFields({ waitTime: "much" })).toEqual(["priorityWeights.waitTime"]);
    expect(faultyFields({ inviteMinutes: "1.5" })).toEqual(["inviteMinutes"]);
    expect(faultyFields({ maxQueueSize: "0" })).toEqual(["maxQueueSize"]);
  });

  it("lets a membership count less than clinical need only", () => {
    expect(faultyFields({ membershipLevel: "1" })).toEqual(["priorityWeights.membershipLevel"]);
    expect(faultyFields({ membershipLevel: "0", waitTime: "0.5" })).toEqual([]);
  });

  it("lets nobody who is more urgent wait longer", () => {
    expect(faultyFields({ urgent: "15" })).toEqual(["targetDays.urgent"]);
  });
});

describe("a preview", () => {
  const place = (now: number, then: number) => ({
    id: `${now}`,
    patientName: "",
    now,
    then,
    points: 0,
  });

  it("says who moves, and how far", () => {
    expect(moveWords(place(3, 1))).toBe("up 2");
    expect(moveWords(place(1, 2))).toBe("down 1");
    expect(previewWords([place(2, 1), place(1, 2), place(3, 3)])).toBe("2 of 3 people move.");
    expect(previewWords([place(1, 1)])).toBe("Nobody's place changes.");
  });
});

describe("many at a time", () => {
  const list = [
    waiting("a", { patientName: "Åsa Zephyr", urgency: "urgent", position: 1 }),
    waiting("b", { patientName: "Bo Quill", doctorId: "d", notes: "asa", position: 2 }),
    waiting("c", { patientName: "Cy Umber", position: 3, createdAt: "2029-12-01T09:00:00Z" }),
  ];
  const all = { text: "", urgency: "", doctorId: "" };

  it("finds names without their accents, and words of notes", () => {
    expect(narrowed(list, { ...all, text: "asa" }, "place").map(({ id }) => id)).toEqual([
      "a",
      "b",
    ]);
    expect(narrowed(list, { ...all, doctorId: "any" }, "waited").map(({ id }) => id)).toEqual([
      "c",
      "a",
    ]);
  });

  it("does each once, a few at a time", async () => {
    const done: number[] = [];
    let under = 0;
    let most = 0;
    await inTurn([1, 2, 3, 4, 5], 2, async (item) => {
      under += 1;
      most = Math.max(most, under);
      await Promise.resolve();
      under -= 1;
      done.push(item);
    });
    expect(done.sort()).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });

  it("counts what became of them", () => {
    const outcomes = new Map<string, Outcome>([
      ["a", { state: "done" }],
      ["b", { state: "refused", why: "gone" }],
    ]);
    expect(tallyWords(outcomes)).toBe("1 done, 1 refused: the reason stands in the row");
  });
});
