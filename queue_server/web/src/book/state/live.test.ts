// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Handlers } from "../../tracker/socket";
import { type Answer, type Asked, openPages, serve } from "../testing";
import type { Watcher } from "./live";

const socket = vi.hoisted(() => ({
  handlers: undefined as Handlers | undefined,
  emit: vi.fn(),
  wake: vi.fn(),
  sleep: vi.fn(),
  close: vi.fn(),
}));
vi.mock("../../tracker/socket", () => ({
  connect: (_: string, handlers: Handlers) => Object.assign(socket, { handlers }),
}));

const watcher = { heard: vi.fn(), lookAgain: vi.fn(), live: vi.fn() } satisfies Watcher;
let stop: () => void;

/** Open a page that watches, at a server that answers who asks for changes. */
async function watching(doctorId: string | null, changes: (asked: Asked) => Answer) {
  const asked = serve(changes);
  await openPages();
  const { watch } = await import("./live");
  stop = watch(doctorId, "2026-03-02", "2026-04-05", watcher);
  return asked;
}

function answer(cursor: string, changes: object[] = []): Answer {
  return { data: { cursor, changes, lookAgain: false, pauseSeconds: 0 } };
}

beforeEach(() => {
  vi.useFakeTimers();
  for (const told of Object.values(watcher)) told.mockReset();
});

afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("times that are watched without a socket", () => {
  it("are asked for from the first failure on, each answer from the one before", async () => {
    const news = { slotId: "s", version: 2 };
    let n = 0;
    const asked = await watching("mehta", () => answer(`0.${++n}`, n === 2 ? [news] : []));
    socket.handlers?.lost(1);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(asked.map(({ path }) => path)).toEqual(Array(2).fill("/api/slots/changes"));
    expect(asked.map(({ query }) => query.get("since"))).toEqual([null, "0.1"]);
    expect(watcher.lookAgain).toHaveBeenCalledTimes(1);
    expect(watcher.heard).toHaveBeenCalledWith(news);
  });

  it("go on being asked for, however often the socket fails", async () => {
    const asked = await watching(null, () => answer("0.1"));
    for (let failures = 1; failures <= 8; failures++) {
      socket.handlers?.lost(failures);
      await vi.advanceTimersByTimeAsync(4_000);
    }
    expect(asked).toHaveLength(0);
    expect(watcher.lookAgain).toHaveBeenCalledTimes(4);
  });

  it("are looked up anew after a while in which nothing was answered", async () => {
    let isReachable = false;
    const asked = await watching("mehta", () => (isReachable ? answer("0.7") : "none"));
    socket.handlers?.lost(1);
    await vi.advanceTimersByTimeAsync(25_000);
    expect(asked).toHaveLength(3);
    isReachable = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(watcher.lookAgain).toHaveBeenCalledTimes(1);
  });

  it("are not asked for any more once a socket is open", async () => {
    const asked = await watching("mehta", () => answer("0.1"));
    socket.handlers?.lost(1);
    await vi.advanceTimersByTimeAsync(500);
    socket.handlers?.open();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(1);
    expect(watcher.live.mock.calls).toEqual([[false], [true]]);
  });
});

describe("times that are watched over a socket", () => {
  it("are live no more the moment the network is away", async () => {
    await watching("mehta", () => answer("0.1"));
    socket.handlers?.open();
    dispatchEvent(new Event("offline"));
    expect(watcher.live).toHaveBeenLastCalledWith(false);
    expect(socket.sleep).toHaveBeenCalled();
    dispatchEvent(new Event("online"));
    expect(socket.wake).toHaveBeenCalled();
  });
});
