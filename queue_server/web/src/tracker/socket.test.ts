import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connect, type Handlers, type TrackerSocket } from "./socket";

/** The other end of the wire. */
class Wire {
  static all: Wire[] = [];
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: string[] = [];
  isClosed = false;

  constructor(readonly address: string) {
    Wire.all.push(this);
  }

  static get last(): Wire {
    return Wire.all[Wire.all.length - 1] as Wire;
  }

  send(packet: string): void {
    this.sent.push(packet);
  }

  close(): void {
    this.isClosed = true;
  }

  says(packet: string): void {
    this.onmessage?.({ data: packet });
  }

  opens(): void {
    this.says('0{"sid":"a","pingInterval":25000,"pingTimeout":20000}');
    this.says('40{"sid":"b"}');
  }

  drops(code = 1006): void {
    this.onclose?.({ code });
  }
}

const handlers = {
  open: vi.fn<Handlers["open"]>(),
  event: vi.fn<Handlers["event"]>(),
  lost: vi.fn<Handlers["lost"]>(),
};
let socket: TrackerSocket;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Wire);
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  Wire.all = [];
  for (const handler of Object.values(handlers)) handler.mockReset();
  socket = connect("ws://clinic/socket.io/?EIO=4&transport=websocket", handlers);
});

afterEach(() => {
  socket.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("the tracker's socket", () => {
  it("joins the namespace before it says anything", () => {
    socket.emit("too-early", {});
    Wire.last.says('0{"sid":"a"}');
    expect(Wire.last.sent).toEqual(["40"]);
    expect(handlers.open).not.toHaveBeenCalled();
    Wire.last.says('40{"sid":"b"}');
    expect(handlers.open).toHaveBeenCalledOnce();
  });

  it("sends and receives events", () => {
    Wire.last.opens();
    socket.emit("join-queue", { token: "t", epoch: 1, version: 7 });
    expect(Wire.last.sent[1]).toBe('42["join-queue",{"token":"t","epoch":1,"version":7}]');
    Wire.last.says('42["queue-update",{"data":{"queue":{"version":8}}}]');
    expect(handlers.event).toHaveBeenCalledWith("queue-update", {
      data: { queue: { version: 8 } },
    });
  });

  it("reads events that ask for an acknowledgement", () => {
    Wire.last.opens();
    Wire.last.says('4212["queue-update",{"a":[1]}]');
    expect(handlers.event).toHaveBeenCalledWith("queue-update", { a: [1] });
  });

  it("answers the server's ping", () => {
    Wire.last.opens();
    Wire.last.says("2");
    expect(Wire.last.sent).toContain("3");
  });

  it("beats when it has heard nothing for a while, and gives up on silence", () => {
    Wire.last.opens();
    vi.advanceTimersByTime(25_000);
    expect(Wire.last.sent.at(-1)).toBe('42["heartbeat",{}]');
    vi.advanceTimersByTime(7_999);
    expect(handlers.lost).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(handlers.lost).toHaveBeenCalledWith(1);
    expect(Wire.all[0]?.isClosed).toBe(true);
  });

  it("stays when the heartbeat is answered", () => {
    Wire.last.opens();
    vi.advanceTimersByTime(25_000);
    Wire.last.says('42["heartbeat-ack",{}]');
    vi.advanceTimersByTime(20_000);
    expect(handlers.lost).not.toHaveBeenCalled();
  });

  it("comes back by itself, later each time, up to half a minute", () => {
    const gaps: number[] = [];
    for (let failure = 1; failure <= 7; failure++) {
      Wire.last.drops();
      expect(handlers.lost).toHaveBeenLastCalledWith(failure);
      const known = Wire.all.length;
      let waited = 0;
      while (Wire.all.length === known) {
        vi.advanceTimersByTime(500);
        waited += 500;
      }
      gaps.push(waited);
    }
    expect(gaps).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it("says who it is again after every reconnection, and starts counting anew", () => {
    Wire.last.opens();
    Wire.last.drops();
    vi.advanceTimersByTime(1000);
    Wire.last.opens();
    expect(handlers.open).toHaveBeenCalledTimes(2);
    Wire.last.drops();
    expect(handlers.lost).toHaveBeenLastCalledWith(1);
  });

  it("gives up on a connection that does not open", () => {
    vi.advanceTimersByTime(8000);
    expect(handlers.lost).toHaveBeenCalledWith(1);
  });

  it.each(["1", "41", '44{"message":"no"}'])("takes %s for the end of the connection", (packet) => {
    Wire.last.opens();
    Wire.last.says(packet);
    expect(handlers.lost).toHaveBeenCalledWith(1);
  });

  it("hears nothing more from a wire it has left", () => {
    const old = Wire.last;
    old.opens();
    socket.sleep();
    old.says('42["queue-update",{}]');
    old.drops();
    expect(handlers.event).not.toHaveBeenCalled();
    expect(handlers.lost).not.toHaveBeenCalled();
    socket.wake();
    expect(Wire.all).toHaveLength(2);
  });

  it("asks at once whether the server still answers when the page is looked at again", () => {
    Wire.last.opens();
    socket.wake();
    expect(Wire.last.sent.at(-1)).toBe('42["heartbeat",{}]');
  });

  it("takes its time when the server does not want it back as it was", () => {
    Wire.last.opens();
    Wire.last.drops(1008);
    vi.advanceTimersByTime(29_999);
    expect(Wire.all).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(Wire.all).toHaveLength(2);
  });

  it("does not come back once it is closed", () => {
    socket.close();
    socket.wake();
    vi.advanceTimersByTime(60_000);
    expect(Wire.all).toHaveLength(1);
  });
});
