import { expect, it } from "vitest";
import type { DisplayQueue, NoticeView } from "../../generated/contract";
import { noticesOf, type Told, takesScreen } from "./notices";

const NINE = Date.parse("2026-03-02T09:05:30Z");

function queue(doctor: string, ...told: [string, NoticeView["priority"], string][]): DisplayQueue {
  const notices = told.map(([message, priority, issuedAt]) => ({ message, priority, issuedAt }));
  return { header: { doctor: { name: doctor }, notices } } as DisplayQueue;
}

it("tells a broadcast to all doctors' patients once, naming nobody", () => {
  const drill = ["Fire drill", "critical", "2026-03-02T09:00:00Z"] as const;
  const told = noticesOf([queue("Dr Mehta", [...drill]), queue("Dr Sørensen", [...drill])]);
  expect(told).toHaveLength(1);
  expect(told[0]?.doctors).toEqual([]);
});

it("says whose patients it is about otherwise, the newest first", () => {
  const told = noticesOf([
    queue("Dr Mehta", ["Late", "low", "2026-03-02T09:00:00Z"]),
    queue("Dr Sørensen", ["Away", "high", "2026-03-02T09:05:00Z"]),
  ]);
  expect(told.map((one) => [one.message, one.doctors, takesScreen(one, NINE)])).toEqual([
    ["Away", ["Dr Sørensen"], true],
    ["Late", ["Dr Mehta"], false],
  ]);
});

it("takes the screen while critical, a minute when of high priority, else never", () => {
  const told = (priority: NoticeView["priority"]) =>
    noticesOf([queue("Dr Mehta", ["x", priority, "2026-03-02T09:05:00Z"])])[0] as Told;
  const later = NINE + 60_000;
  expect(takesScreen(told("critical"), later)).toBe(true);
  expect(takesScreen(told("high"), NINE)).toBe(true);
  expect(takesScreen(told("high"), later)).toBe(false);
  expect(takesScreen(told("normal"), NINE)).toBe(false);
});
