import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Poll, polling } from "./poll";

const fetched = vi.fn<typeof fetch>();
const handlers = { answered: vi.fn(), failed: vi.fn(), refused: vi.fn() };
let poll: Poll;

function answers(status: number, body: unknown = null, headers: HeadersInit = {}): void {
  fetched.mockImplementation(
    async () => new Response(body ? JSON.stringify(body) : null, { status, headers }),
  );
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", fetched);
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  for (const mock of [fetched, ...Object.values(handlers)]) mock.mockReset();
  poll = polling("/api/appointments/refresh-queue/t", handlers);
});

afterEach(() => {
  poll.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("asks at once and then every 15 s, naming what it holds", async () => {
  answers(200, { data: { queue: { version: 7 } } }, { ETag: '"seven"' });
  poll.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(handlers.answered).toHaveBeenCalledWith({ queue: { version: 7 } });
  answers(304);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(fetched.mock.calls[1]?.[1]?.headers).toEqual({ "If-None-Match": '"seven"' });
  expect(handlers.answered).toHaveBeenLastCalledWith();
});

it("gives an answer 8 seconds", async () => {
  fetched.mockImplementation(
    (_, init) =>
      new Promise((_, reject) => {
        init?.signal?.addEventListener("abort", () => reject(new Error("aborted")));
      }),
  );
  poll.start();
  await vi.advanceTimersByTimeAsync(7999);
  expect(handlers.failed).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(handlers.failed).toHaveBeenCalledOnce();
});

it.each([400, 404, 410])("takes %i for a link that does not work", async (status) => {
  answers(status);
  poll.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(handlers.refused).toHaveBeenCalledOnce();
});

it.each([429, 503])("keeps asking after %i", async (status) => {
  answers(status);
  poll.start();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(handlers.failed).toHaveBeenCalledTimes(2);
});

it("says nothing after it was stopped", async () => {
  answers(200, { data: {} });
  poll.start();
  poll.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(handlers.answered).not.toHaveBeenCalled();
  expect(fetched).toHaveBeenCalledOnce();
});
