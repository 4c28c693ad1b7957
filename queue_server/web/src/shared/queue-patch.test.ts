import { describe, expect, it } from "vitest";
import type { StaffEntry, StaffPatch, StaffQueue } from "../generated/contract";
import { applyPatch } from "./queue-patch";

function entry(id: string, changed: Partial<StaffEntry> = {}): StaffEntry {
  return { id, ticket: id.toUpperCase(), state: "waiting", ...changed } as StaffEntry;
}

function queue(changed: Partial<StaffQueue> = {}): StaffQueue {
  return {
    doctorId: "mehta",
    date: "2026-03-02",
    epoch: 1,
    version: 7,
    header: { paused: false } as StaffQueue["header"],
    line: ["a", "b", "c"],
    entries: [entry("a"), entry("b"), entry("c")],
    ...changed,
  };
}

function patch(changed: Partial<StaffPatch> = {}): StaffPatch {
  return {
    doctorId: "mehta",
    date: "2026-03-02",
    epoch: 1,
    fromVersion: 7,
    version: 8,
    header: { paused: true } as StaffQueue["header"],
    line: ["b", "c", "d"],
    changed: [entry("a", { state: "called" }), entry("d")],
    removed: [],
    ...changed,
  };
}

describe("a patch", () => {
  it("makes the old state and itself the new state", () => {
    expect(applyPatch(queue(), patch())).toEqual(
      queue({
        version: 8,
        header: { paused: true } as StaffQueue["header"],
        line: ["b", "c", "d"],
        entries: [entry("a", { state: "called" }), entry("b"), entry("c"), entry("d")],
      }),
    );
  });

  it("takes away whoever left", () => {
    const next = applyPatch(queue(), patch({ line: ["b", "c"], changed: [], removed: ["a"] }));
    expect(next?.entries.map((one) => one.id)).toEqual(["b", "c"]);
  });

  it("leaves what it was laid over as it was", () => {
    const held = queue();
    applyPatch(held, patch());
    expect(held).toEqual(queue());
  });

  it.each([
    { fromVersion: 5, version: 6 },
    { fromVersion: 6, version: 7 },
    { epoch: 0, fromVersion: 7, version: 8 },
    { doctorId: "banerjee" },
    { date: "2026-03-03" },
  ])("that tells nothing new changes nothing: %o", (changed) => {
    const held = queue();
    expect(applyPatch(held, patch(changed))).toBe(held);
  });

  it.each([
    { fromVersion: 8, version: 9 },
    { fromVersion: 6, version: 8 },
    { epoch: 2, fromVersion: 7, version: 8 },
  ])("from a version we do not hold asks for the whole: %o", (changed) => {
    expect(applyPatch(queue(), patch(changed))).toBeNull();
  });

  it("at the same version brings fresher estimates", () => {
    const changed = [entry("a", { estimatedWaitTime: 3 })];
    const tick = patch({ fromVersion: 7, version: 7, line: ["a", "b", "c"], changed });
    expect(applyPatch(queue(), tick)?.entries[0]?.estimatedWaitTime).toBe(3);
  });
});
