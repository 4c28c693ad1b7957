// A Socket.IO v5 client over Engine.IO v4, websocket only: what a phone needs of it, in 1 kB.

const CONNECT_MS = 8000;
const HEARTBEAT_MS = 25_000;
const ANSWER_MS = 8000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;
/** A close that says: not again like this. */
const UNWANTED = 1008;

export interface Handlers {
  /** The namespace is open: say who you are. Called again after every reconnection. */
  open(): void;
  event(name: string, body: unknown): void;
  /** The connection is gone (or never came); the socket tries again by itself. */
  lost(failures: number): void;
}

export interface TrackerSocket {
  emit(name: string, body: unknown): void;
  /** Try now instead of later; when connected, ask whether the server still answers. */
  wake(): void;
  /** Drop the connection until `wake`. */
  sleep(): void;
  /** Drop it for good. */
  close(): void;
}

/** Keep a connection to the server open. */
export function connect(address: string, handlers: Handlers): TrackerSocket {
  let wire: WebSocket | undefined;
  let isOpen = false;
  let isClosed = false;
  let failures = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let deadline: ReturnType<typeof setTimeout> | undefined;
  let heartbeat: ReturnType<typeof setTimeout> | undefined;

  function start(): void {
    stop();
    if (isClosed) return;
    const mine = new WebSocket(address);
    wire = mine;
    expectAnswer(CONNECT_MS);
    mine.onmessage = ({ data }) => mine === wire && receive(String(data));
    mine.onclose = ({ code }) => mine === wire && lose(code);
  }

  /** Forget the wire, so that nothing it still says is heard. */
  function stop(): void {
    clearTimeout(retry);
    clearTimeout(deadline);
    clearTimeout(heartbeat);
    const old = wire;
    wire = undefined;
    isOpen = false;
    old?.close();
  }

  function lose(code?: number): void {
    stop();
    failures++;
    const delay =
      code === UNWANTED
        ? LAST_RETRY_MS
        : Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
    retry = setTimeout(start, delay * (0.5 + Math.random()));
    handlers.lost(failures);
  }

  function expectAnswer(ms: number): void {
    clearTimeout(deadline);
    deadline = setTimeout(lose, ms);
  }

  function beat(): void {
    emit("heartbeat", {});
    expectAnswer(ANSWER_MS);
  }

  function receive(packet: string): void {
    if (packet[0] === "0") {
      wire?.send("40");
      return;
    }
    if (packet === "2") wire?.send("3");
    const kind = packet.slice(0, 2);
    if (packet[0] === "1" || kind === "41" || kind === "44") {
      lose();
      return;
    }
    if (kind === "40") {
      isOpen = true;
      failures = 0;
      handlers.open();
    }
    if (!isOpen) return;
    clearTimeout(deadline);
    clearTimeout(heartbeat);
    heartbeat = setTimeout(beat, HEARTBEAT_MS);
    if (kind === "42") {
      const [name, body] = JSON.parse(packet.slice(packet.indexOf("[")));
      handlers.event(name, body);
    }
  }

  function emit(name: string, body: unknown): void {
    if (isOpen) wire?.send(`42${JSON.stringify([name, body])}`);
  }

  start();
  return {
    emit,
    wake: () => (isOpen ? beat() : start()),
    sleep: stop,
    close() {
      isClosed = true;
      stop();
    },
  };
}
