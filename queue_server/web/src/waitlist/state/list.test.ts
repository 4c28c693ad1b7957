// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { StaffEntryView } from "../../generated/contract";
import { Refused } from "../../shared/http";
import { session } from "../../staff/account";
import { toasts } from "../../staff/toasts";
import { waiting } from "../testing";
import { openWaitlist } from "./list";

const ADA = waiting("ada", { position: 1, version: 4 });
const BEN = waiting("ben", { position: 2 });

/** Lets one request be answered when the test says so. */
function held<T>() {
  let settle!: (value: T) => void;
  let fail!: (error: Error) => void;
  const promise = new Promise<T>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  return { promise, settle, fail };
}

let now: StaffEntryView[];
let answer: ReturnType<typeof held<unknown>>;
let sent: { path: string; method: string; headers: Record<string, string>; body: unknown }[];

beforeEach(() => {
  now = [ADA, BEN];
  sent = [];
  answer = held();
  toasts.value = [];
  vi.spyOn(session, "request").mockImplementation(async (path, call = {}) => {
    const method = call.method ?? "GET";
    if (method === "GET")
      return { data: now as never, meta: {}, etag: null, next: null, date: null };
    sent.push({ path, method, headers: call.headers ?? {}, body: call.body });
    const data = (await answer.promise) as never;
    return { data, meta: {}, etag: null, next: null, date: null };
  });
});

afterEach(() => vi.restoreAllMocks());

const ids = (list: ReturnType<typeof openWaitlist>) => list.entries.value?.map(({ id }) => id);

it("shows at once what is done, by the version that was seen", async () => {
  const list = openWaitlist({ clinicId: "clinic" });
  await list.reload();
  const running = list.run(ADA, { kind: "cancel", reason: "Feels better" }, "Ada is off.");
  expect(ids(list)).toEqual(["ben"]);
  expect(list.busy.value.has("ada")).toBe(true);
  expect(sent[0]).toMatchObject({
    path: "/api/waitlists/ada",
    method: "PATCH",
    body: { status: "cancelled", reason: "Feels better" },
  });
  expect(sent[0]?.headers["If-Match"]).toBe('"4"');
  now = [BEN];
  answer.settle(null);
  expect(await running).toBe(true);
  expect(ids(list)).toEqual(["ben"]);
  expect(toasts.value.at(-1)).toMatchObject({ tone: "done", text: "Ada is off." });
});

it("takes back what is refused, and says why and what to do", async () => {
  const list = openWaitlist({ clinicId: "clinic" });
  await list.reload();
  const running = list.run(ADA, { kind: "promote", slotId: "slot" }, "Ada comes.");
  expect(ids(list)).toEqual(["ben"]);
  const problem = { type: "", title: "", status: 409, code: "slot_unavailable", errors: [] };
  answer.fail(new Refused({ ...problem, detail: "This time is taken." }));
  expect(await running).toBe(false);
  expect(ids(list)).toEqual(["ada", "ben"]);
  expect(list.busy.value.size).toBe(0);
  expect(toasts.value.at(-1)?.text).toBe(
    "This time is taken. That time was just taken: choose another one.",
  );
});
