import { expect, it } from "vitest";
import type { NoticeView, StaffQueue } from "../../generated/contract";
import { isUrgent, noticesOf } from "./notices";

function queue(doctor: string, ...told: [string, NoticeView["priority"], string][]): StaffQueue {
  const notices = told.map(([message, priority, issuedAt]) => ({ message, priority, issuedAt }));
  return { header: { doctor: { name: doctor }, notices } } as StaffQueue;
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
  expect(told.map((one) => [one.message, one.doctors, isUrgent(one)])).toEqual([
    ["Away", ["Dr Sørensen"], true],
    ["Late", ["Dr Mehta"], false],
  ]);
});
