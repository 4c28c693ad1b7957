import { expect, it } from "vitest";
import type { NoticeView, QueueView, TrackedView } from "../generated/contract";
import { type Known, takeNotice, takeUpdate, takeView } from "./known";

function queue(epoch: number, version: number, ahead = 4): QueueView {
  return { epoch, version, ahead, notices: [] as NoticeView[] } as QueueView;
}

function view(doctor: string, of: QueueView): TrackedView {
  return { appointment: { doctor: { id: doctor } }, queue: of } as TrackedView;
}

function known(): Known {
  return view("mehta", queue(1, 7));
}

it.each([
  [1, 6],
  [0, 99],
])("drops an update of epoch %i, version %i", (epoch, version) => {
  const held = known();
  expect(takeUpdate(held, queue(epoch, version, 1))).toBe(false);
  expect(held.queue.ahead).toBe(4);
});

it.each([
  [1, 7],
  [1, 8],
  [1, 12],
  [2, 1],
])("takes an update of epoch %i, version %i", (epoch, version) => {
  const held = known();
  expect(takeUpdate(held, queue(epoch, version, 1))).toBe(true);
  expect(held.queue.ahead).toBe(1);
});

it("takes the same version when it was asked for: its estimates are fresher", () => {
  const held = known();
  expect(takeView(held, view("mehta", queue(1, 7, 3)))).toBe(true);
  expect(takeView(held, view("mehta", queue(1, 6, 9)))).toBe(false);
  expect(held.queue.ahead).toBe(3);
});

it("follows a transfer: another doctor's queue counts versions of its own", () => {
  const held = known();
  expect(takeView(held, view("banerjee", queue(1, 2, 0)))).toBe(true);
  expect(held.appointment.doctor.id).toBe("banerjee");
  expect(takeUpdate(held, queue(1, 3, 1))).toBe(true);
});

it("shows a broadcast once", () => {
  const held = known();
  const told = { broadcastId: "b" } as NoticeView;
  expect(takeNotice(held, told)).toBe(true);
  expect(takeNotice(held, told)).toBe(false);
  expect(held.queue.notices).toHaveLength(1);
  expect(held.queue.version).toBe(7);
});
