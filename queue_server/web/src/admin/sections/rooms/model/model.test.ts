import { expect, it } from "vitest";
import { assignedOn, history } from "./assignments";
import { maintenanceNow, phaseOf } from "./words";

const assignments = [
  { id: "1", doctorId: "a", from: "2026-01-01", until: "2026-01-31" },
  { id: "2", doctorId: "b", from: "2026-02-01", until: null },
];
const room = { assignments };

it("is a doctor's from the first day to the last, both included", () => {
  expect(assignedOn(room, "2025-12-31")).toBeUndefined();
  expect(assignedOn(room, "2026-01-01")?.doctorId).toBe("a");
  expect(assignedOn(room, "2026-01-31")?.doctorId).toBe("a");
  expect(assignedOn(room, "2026-02-01")?.doctorId).toBe("b");
});

it("tells its history from the newest on", () => {
  expect(history(room).map(({ id }) => id)).toEqual(["2", "1"]);
});

const maintenance = {
  id: "m",
  start: "2026-03-02T08:00:00Z",
  end: "2026-03-02T10:00:00Z",
  reason: "",
  finishedAt: null,
};
const at = (time: string): number => Date.parse(`2026-03-02T${time}:00Z`);

it("is in maintenance from its start until its end, or until it is finished earlier", () => {
  expect(phaseOf(maintenance, at("07:59"))).toBe("planned");
  expect(phaseOf(maintenance, at("08:00"))).toBe("now");
  expect(phaseOf(maintenance, at("10:00"))).toBe("over");
  const finished = { ...maintenance, finishedAt: "2026-03-02T09:00:00Z" };
  expect(phaseOf(finished, at("09:30"))).toBe("over");
  expect(maintenanceNow({ maintenance: [maintenance] }, at("09:00"))).toBe(maintenance);
});
