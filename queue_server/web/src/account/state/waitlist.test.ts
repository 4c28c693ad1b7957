// @vitest-environment happy-dom
import { beforeAll, expect, it } from "vitest";
import type { OwnEntryView, WaitlistStatus } from "../../generated/contract";

function entry(id: string, status: WaitlistStatus, updatedAt: string): OwnEntryView {
  return { id, status, updatedAt } as OwnEntryView;
}

beforeAll(() => {
  const known = { language: "en", words: {}, store: { tenantId: "t", clinics: [] } };
  document.body.innerHTML = `<script id="known" type="application/json">${JSON.stringify(known)}</script>`;
});

it("shows what has to be answered first, and what is over last, the latest before the rest", async () => {
  const { sortedEntries } = await import("./waitlist");
  const { waiting, ended } = sortedEntries([
    entry("left", "cancelled", "2026-03-01T09:00:00Z"),
    entry("paused", "deferred", "2026-03-05T09:00:00Z"),
    entry("old", "active", "2026-03-01T09:00:00Z"),
    entry("booked", "promoted", "2026-03-04T09:00:00Z"),
    entry("asked", "invited", "2026-03-02T09:00:00Z"),
    entry("new", "active", "2026-03-03T09:00:00Z"),
  ]);
  expect(waiting.map(({ id }) => id)).toEqual(["asked", "new", "old", "paused"]);
  expect(ended.map(({ id }) => id)).toEqual(["booked", "left"]);
});
