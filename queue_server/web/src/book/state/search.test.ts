// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openPages, serve, slot } from "../testing";

const NOW = Date.parse("2026-03-02T08:00:00Z");

function doctor(n: number) {
  return { id: `d${n}`, name: `Dr ${n}` };
}

/** A hundred doctors, of whom one has all the soonest times; they are listed two by two. */
function clinic() {
  return serve(({ path, query }) => {
    if (path === "/api/doctors") {
      const first = Number(query.get("cursor") ?? 0);
      const meta = { nextCursor: String(first + 2) };
      return { data: [doctor(first), doctor(first + 1)], meta };
    }
    const whose = query.get("doctorId");
    if (whose === "d3") return { data: [] };
    if (whose) return { data: [slot("2026-03-09T09:00", { id: whose, doctorId: whose })] };
    const all = Array.from({ length: 200 }, (_, n) =>
      slot("09:00", { id: `soon ${n}`, doctorId: "d0" }),
    );
    return { data: all, meta: { nextCursor: "more" } };
  });
}

async function openSearch(path = "/book") {
  await openPages({ path });
  const [search, announced] = await Promise.all([
    import("./search"),
    import("../../shared/announce"),
  ]);
  return { ...search, ...announced };
}

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers({ now: NOW });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a search among many doctors", () => {
  it("asks for the times of those listed who are not among the soonest", async () => {
    clinic();
    const { search, shown } = await openSearch();
    await search();
    const times = shown.value?.map((one) => [one.doctor.id, one.times.length, one.isKnown]);
    expect(times).toEqual([
      ["d0", 3, true],
      ["d1", 1, true],
    ]);
  });

  it("asks for those of whom more is shown, and leaves the others where they stand", async () => {
    clinic();
    const { search, searchMore, shown } = await openSearch();
    await search();
    await searchMore();
    const times = shown.value?.map((one) => [one.doctor.id, one.times.length, one.isKnown]);
    expect(times).toEqual([
      ["d0", 3, true],
      ["d1", 1, true],
      ["d2", 1, true],
      ["d3", 0, true],
    ]);
  });

  it("by name asks for the times of who has it", async () => {
    const asked = clinic();
    const { search, shown } = await openSearch("/book?q=dr");
    await search();
    expect(shown.value?.map(({ times }) => times.length)).toEqual([1, 1]);
    const slots = asked.filter(({ path }) => path === "/api/slots/availability");
    expect(slots.map(({ query }) => query.get("doctorId"))).toEqual(["d0", "d1"]);
  });
});

describe("a search that was kept", () => {
  it("shows no times that are over", async () => {
    clinic();
    const { search } = await openSearch();
    await search();
    serve(() => "none");
    vi.setSystemTime(NOW + 5 * 3_600_000);
    const later = await openSearch();
    await later.search();
    const times = later.shown.value?.map((one) => [one.doctor.id, one.times.length]);
    expect(times).toEqual([
      ["d1", 1],
      ["d0", 0],
    ]);
  });
});

describe("a choice", () => {
  it("is answered aloud, the first look is not", async () => {
    clinic();
    const { followFilters, setFilter, polite } = await openSearch();
    const stop = followFilters();
    await vi.advanceTimersByTimeAsync(100);
    expect(polite.value).toBe("");
    setFilter({ mode: "in_person" });
    await vi.advanceTimersByTimeAsync(100);
    expect(polite.value).toBe("results");
    stop();
  });
});
