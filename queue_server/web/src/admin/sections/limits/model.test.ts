import { expect, it } from "vitest";
import type { RateLimitsView } from "../../../generated/contract";
import { LIMIT_GROUPS, limitFaults, limitsBody, limitsDraft } from "./model";

const VIEW = Object.fromEntries(
  LIMIT_GROUPS.flatMap(({ limits }) => limits.map(({ name }) => [name, 60])),
) as unknown as RateLimitsView;

it("sends what is left empty as what the installation grants", () => {
  const draft = { ...limitsDraft(VIEW, 2), smsMessagesPerMinute: " ", userReadsPerMinute: "5" };
  expect(limitFaults(draft)).toEqual([]);
  expect(limitsBody(draft)).toMatchObject({
    smsMessagesPerMinute: null,
    userReadsPerMinute: 5,
    tenantReadsPerMinute: 60,
  });
});

it("takes no limit of nothing, and none in words", () => {
  const draft = { ...limitsDraft(VIEW, 2), userReadsPerMinute: "0", userWritesPerMinute: "many" };
  expect(limitFaults(draft).map(({ field }) => field)).toEqual([
    "userReadsPerMinute",
    "userWritesPerMinute",
  ]);
});
