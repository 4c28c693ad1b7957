import { signal } from "@preact/signals";
import { beforeEach, expect, test, vi } from "vitest";
import type { Acknowledgement, Problem, StaffQueue } from "../../generated/contract";
import type { Queues, StaffSocket } from "../../shared/staff-socket";
import { entry, queue } from "../model/fixtures";
import { shown, underWay } from "./board";
import { callNext, run, undoNewest } from "./commands";
import { socket, truth } from "./live";
import { dismiss, toasts } from "./toasts";

/** A server of one lane: it answers with what a test puts in. */
class Server {
  sent: { name: string; body: Record<string, unknown> }[] = [];
  answers: (() => Promise<Acknowledgement>)[] = [];
  /** What a refetch finds. */
  held: StaffQueue;
  private queues = signal<Queues>(new Map());

  constructor(held: StaffQueue) {
    this.held = held;
    this.queues.value = new Map([[held.doctorId, held]]);
  }

  get socket(): StaffSocket {
    const take = (next: StaffQueue): void => {
      this.queues.value = new Map(this.queues.value).set(next.doctorId, next);
    };
    return {
      isLive: signal(true),
      heardAt: signal(1),
      queues: this.queues,
      presence: signal(new Map()),
      watchers: signal(new Map()),
      refusal: signal(null),
      subscribe: async () => undefined,
      take,
      refetch: async () => {
        take(this.held);
        return this.held;
      },
      command: (name, body) => {
        this.sent.push({ name, body: body as Record<string, unknown> });
        return this.answers.shift()?.() ?? Promise.reject(new Error("timeout"));
      },
      io: undefined as never,
      focus: () => undefined,
      close: () => undefined,
    };
  }
}

const line = () => shown.value.get("doctor")?.line;
const texts = () => toasts.value.map((toast) => toast.text);
const ok = (result: StaffQueue): Acknowledgement => ({
  ok: true,
  version: result.version,
  result: { queue: result, version: result.version },
  problem: null,
});
const no = (status: number, detail: string): Acknowledgement => {
  const problem: Problem = { type: "", title: "", status, detail, code: "", errors: [] };
  return { ok: false, version: null, result: null, problem };
};
const move = (id: string, newPosition: number) =>
  run({ name: "move", lane: "doctor", body: { appointmentId: id, newPosition } });

let server: Server;

beforeEach(() => {
  for (const toast of toasts.value) dismiss(toast.id);
  underWay.value = [];
  server = new Server(queue([entry("A"), entry("B"), entry("C")]));
  socket.value = server.socket;
});

test("a move shows at once and carries the version that was seen", async () => {
  const after = { ...queue([entry("C"), entry("A"), entry("B")]), version: 8 };
  server.answers = [async () => ok(after)];
  const outcome = move("C", 1);
  expect(line()).toEqual(["C", "A", "B"]);
  expect(texts()).toEqual(["C Patient C moved to 1st place"]);
  expect((await outcome).ok).toBe(true);
  expect(server.sent[0]?.body).toMatchObject({ ifMatch: 7, newPosition: 1 });
  expect(server.sent[0]?.body.idempotencyKey).toMatch(/^[0-9a-f]{32}$/);
  expect(truth.value.get("doctor")?.version).toBe(8);
});

test("a refusal rolls back and tells the server's reason", async () => {
  server.answers = [async () => no(409, "Dr Sørensen has closed the day.")];
  await move("C", 1);
  expect(line()).toEqual(["A", "B", "C"]);
  expect(texts()).toEqual(["Dr Sørensen has closed the day."]);
});

test("quick commands wait for each other, so none is stale by our own hand", async () => {
  const first = { ...queue([entry("B"), entry("A"), entry("C")]), version: 8 };
  const second = { ...queue([entry("B"), entry("C"), entry("A")]), version: 9 };
  server.answers = [async () => ok(first), async () => ok(second)];
  const both = Promise.all([move("A", 2), move("A", 3)]);
  expect(line()).toEqual(["B", "C", "A"]);
  await both;
  expect(server.sent.map(({ body }) => body.ifMatch)).toEqual([7, 8]);
});

test("a patient who is handed on and back at once goes there before coming back", async () => {
  const there = { ...queue([entry("A")]), doctorId: "other", version: 3 };
  const here = { ...queue([entry("B"), entry("C")]), version: 8 };
  server.socket.take({ ...queue([]), doctorId: "other", version: 2 });
  let arrive = (_: Acknowledgement): void => undefined;
  server.answers = [
    () => new Promise((resolve) => (arrive = resolve)),
    async () => ok(queue([entry("A"), entry("B"), entry("C")])),
  ];
  const to = (lane: string, doctorId: string) =>
    run({ name: "transfer", lane, body: { appointmentId: "A", doctorId } });
  void to("doctor", "other");
  const back = to("other", "doctor");
  await vi.waitFor(() => expect(server.sent).toHaveLength(1));
  arrive({ ok: true, version: 8, result: { queue: here, target: there }, problem: null });
  await back;
  expect(server.sent.map(({ body }) => body.ifMatch)).toEqual([7, 3]);
});

test("a stale version is sent again when the command still means the same", async () => {
  server.held = { ...queue([entry("B"), entry("A"), entry("C")]), version: 9 };
  const here = entry("A", { state: "called" });
  const after = { ...queue([entry("B"), entry("C"), here]), version: 10 };
  server.answers = [async () => no(412, "The queue has changed."), async () => ok(after)];
  const body = { doctorId: "doctor", appointmentId: "A" };
  const outcome = await run({ name: "call-next", lane: "doctor", body });
  expect(outcome.ok).toBe(true);
  expect(server.sent.map((one) => one.body.ifMatch)).toEqual([7, 9]);
  expect(server.sent[1]?.body.idempotencyKey).not.toBe(server.sent[0]?.body.idempotencyKey);
});

test("a stale move in a line that changed is refused, and the line is the fresh one", async () => {
  server.held = { ...queue([entry("B"), entry("A"), entry("C")]), version: 9 };
  server.answers = [async () => no(412, "The queue has changed.")];
  await move("C", 1);
  expect(line()).toEqual(["B", "A", "C"]);
  expect(texts()).toEqual(["The queue has changed."]);
});

test("a lost answer is asked for again with the same key, then the lane is fetched", async () => {
  await move("C", 1);
  const keys = server.sent.map(({ body }) => body.idempotencyKey);
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(1);
  expect(line()).toEqual(["A", "B", "C"]);
  expect(texts()[0]).toMatch(/did not answer/);
});

test("call next while somebody is called says what to do first, and sends nothing", async () => {
  const busy = queue([entry("A", { state: "called" }), entry("B")]);
  await callNext(busy);
  expect(server.sent).toEqual([]);
  expect(texts()[0]).toBe("A Patient A is being called. Start, put back or mark as no-show first.");
});

test("undo takes back this desk's newest command and its toast", async () => {
  const until = new Date(Date.now() + 30_000).toISOString();
  const view = { version: 8, command: "move", entryId: "C", ticket: "C", until };
  const moved = { ...queue([entry("C"), entry("A"), entry("B")], { undo: [view] }), version: 8 };
  const back = { ...queue([entry("A"), entry("B"), entry("C")]), version: 9 };
  server.answers = [async () => ok(moved), async () => ok(back)];
  // At once: the hand is quicker than the network.
  void move("C", 1);
  await undoNewest(undefined);
  expect(server.sent[1]).toMatchObject({ name: "undo", body: { version: 8, ifMatch: 8 } });
  expect(texts()).toEqual(["Undone: move of C"]);
  expect(line()).toEqual(["A", "B", "C"]);
});

test("without a connection nothing is sent or shown as done", async () => {
  socket.value = null;
  expect((await move("C", 1)).ok).toBe(false);
  expect(texts()).toEqual(["No connection. Nothing was changed."]);
});

test("who cancels a visit that had a time of its own is led to who waits for it", async () => {
  const gone = entry("A", { state: "cancelled" });
  const walkIn = entry("B", { state: "cancelled", walkIn: true });
  const after = { ...queue([gone, entry("B", { walkIn: true }), entry("C")]), version: 8 };
  server.answers = [
    async () => ok(after),
    async () => ok({ ...queue([gone, walkIn, entry("C")]), version: 9 }),
  ];
  const cancel = (appointmentId: string) =>
    run({ name: "cancel", lane: "doctor", body: { appointmentId } });
  await cancel("A");
  expect(toasts.value.at(-1)?.vacancy).toBe("A");
  await cancel("B");
  expect(toasts.value.at(-1)?.vacancy).toBeUndefined();
});
