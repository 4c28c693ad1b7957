import { describe, expect, it } from "vitest";
import type { StaffEntryView } from "../../generated/contract";
import { waiting } from "../testing";
import { type Change, predicted } from "./order";

const LIST = [
  waiting("ada", { position: 1 }),
  waiting("ben", { position: 2 }),
  waiting("chloe", { position: 3 }),
  waiting("elsewhere", { position: 1, clinicId: "other" }),
];

function once(id: string, change: Change, list: readonly StaffEntryView[] = LIST) {
  const entry = list.find((one) => one.id === id) ?? waiting(id);
  return predicted(list, [{ key: "k", entry, change }]);
}

const places = (list: readonly StaffEntryView[]) =>
  list.map(({ id, position }) => `${position} ${id}`);

describe("the list while something is under way", () => {
  it("lets those behind move up when somebody gets a time", () => {
    expect(places(once("ada", { kind: "promote", slotId: "s" }))).toEqual([
      "1 ben",
      "2 chloe",
      "1 elsewhere",
    ]);
  });

  it("puts somebody at a place, and the others of the clinic around them", () => {
    const up = { kind: "place", position: 1, reason: "in pain" } as const;
    expect(places(once("chloe", up))).toEqual(["1 chloe", "2 ada", "3 ben", "1 elsewhere"]);
    const down = { kind: "place", position: 3, reason: "asked for it" } as const;
    expect(places(once("ada", down))).toEqual(["1 ben", "2 chloe", "3 ada", "1 elsewhere"]);
  });

  it("keeps the gaps of a list of which only a part is shown", () => {
    const part = [waiting("ada", { position: 2 }), waiting("ben", { position: 7 })];
    const change = { kind: "place", position: 1, reason: "in pain" } as const;
    expect(places(once("ben", change, part))).toEqual(["1 ben", "3 ada"]);
  });

  it("takes back what is offered to somebody who is deferred", () => {
    const invite = {
      slotId: "s",
      doctorId: "d",
      start: "2030-01-09T09:00:00Z",
      mode: "in_person",
      respondBy: "2030-01-08T10:00:00Z",
    } as const;
    const invited = once("ada", { kind: "invite", invite });
    expect(invited[0]).toMatchObject({ status: "invited", invite });
    const deferred = once("ada", { kind: "defer", until: "2030-01-20T06:00:00Z" }, invited);
    expect(deferred[0]).toMatchObject({ status: "deferred", invite: null, position: 1 });
  });

  it("leaves alone who is gone already", () => {
    expect(once("nobody", { kind: "cancel", reason: "" })).toEqual(LIST);
  });
});
