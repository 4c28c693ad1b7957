// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import type { SlotView } from "../../generated/contract";
import { openPages, serve, slot } from "../testing";

/** A doctor with these free slots, as the server tells of them: the soonest first, by mode. */
function free(...slots: SlotView[]) {
  return serve(({ path, query }) => {
    const mode = query.get("mode") === "tele" ? "tele" : "inPerson";
    const [from, to] = [query.get("from") ?? "", query.get("to") ?? ""];
    const found = slots.filter(
      ({ date, remaining }) => date >= from && date <= to && remaining[mode] > 0,
    );
    if (path === "/api/slots/availability") return { data: found.slice(0, 200) };
    const dates = [...new Set(found.map(({ date }) => date))];
    return { data: dates.map((date) => ({ date, free: 1 })) };
  });
}

async function nearTo(wanted: SlotView): Promise<string | undefined> {
  await openPages();
  const { nearby } = await import("./nearby");
  const found = await nearby({
    wanted,
    mode: "in_person",
    query: { doctorId: "mehta" },
    isOfMany: false,
    isTried: ({ id }) => id === wanted.id,
  });
  return found?.id;
}

const video = { remaining: { inPerson: 0, tele: 1 } };

afterEach(() => vi.unstubAllGlobals());

describe("the nearest free time", () => {
  it("is looked for before and after the wanted one", async () => {
    free(slot("08:40"), slot("09:40"));
    expect(await nearTo(slot("09:00"))).toBe("08:40");
  });

  it("is of another day where this one has times only for the other way", async () => {
    free(slot("09:20", video), slot("2026-03-05T09:00"));
    expect(await nearTo(slot("09:00"))).toBe("2026-03-05T09:00");
  });

  it("is found behind many that are further away", async () => {
    const before = Array.from({ length: 300 }, (_, n) =>
      slot(`2026-02-${20 + Math.floor(n / 50)}T09:${10 + (n % 50)}`),
    );
    free(...before, slot("2026-03-01T10:00"), slot("2026-03-04T10:00"));
    expect(await nearTo(slot("09:00"))).toBe("2026-03-01T10:00");
  });

  it("may be on the day before although this one has some", async () => {
    free(slot("2026-03-01T23:40"), slot("08:00"));
    expect(await nearTo(slot("00:10"))).toBe("2026-03-01T23:40");
  });

  it("asks no other day when this one has the nearest", async () => {
    const asked = free(slot("09:20"), slot("2026-03-03T09:00"));
    await nearTo(slot("09:00"));
    expect(asked).toHaveLength(1);
  });

  it("is not known where it could not be looked up", async () => {
    serve(() => "none");
    await expect(nearTo(slot("09:00"))).rejects.toThrow();
  });
});
