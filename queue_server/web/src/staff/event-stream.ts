import { session } from "./account";

// Server-sent events as whoever is signed in: the browser's own `EventSource` sends no token.

export interface StreamEvent {
  name: string;
  data: string;
  id: string | null;
}

/** What was read of a stream: the events that are whole, and the rest. */
export function parsedEvents(text: string): { events: StreamEvent[]; rest: string } {
  const blocks = text.replace(/\r\n?/g, "\n").split("\n\n");
  const rest = blocks.pop() ?? "";
  const events = blocks.flatMap((block) => {
    const fields = new Map<string, string>();
    for (const line of block.split("\n")) {
      // What begins with a colon is a comment, which keeps the connection alive.
      const [, name, value] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
      if (name !== undefined && value !== undefined)
        fields.set(name, fields.has(name) ? `${fields.get(name)}\n${value}` : value);
    }
    const data = fields.get("data");
    if (data === undefined) return [];
    return [{ name: fields.get("event") ?? "message", data, id: fields.get("id") ?? null }];
  });
  return { events, rest };
}

const AGAIN_MS = 3_000;
const MOST_MS = 30_000;
/** Longer than the server is ever silent. */
const SILENCE_MS = 40_000;

export interface StreamHandlers {
  event: (event: StreamEvent) => void;
  /** Whether it is connected. */
  live: (isLive: boolean) => void;
}

/** Follow a stream until the returned function is called; comes back by itself when it ends. */
export function followStream(path: string, handlers: StreamHandlers): () => void {
  let isClosed = false;
  let lastId: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current: AbortController | null = null;
  let wait = AGAIN_MS;

  async function read(): Promise<void> {
    const abort = new AbortController();
    current = abort;
    let silence = setTimeout(() => abort.abort(), SILENCE_MS);
    try {
      const response = await fetch(path, {
        headers: {
          Accept: "text/event-stream",
          Authorization: `Bearer ${await session.accessToken()}`,
          ...(lastId !== null && { "Last-Event-ID": lastId }),
        },
        cache: "no-store",
        signal: abort.signal,
      });
      if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
      handlers.live(true);
      wait = AGAIN_MS;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        clearTimeout(silence);
        silence = setTimeout(() => abort.abort(), SILENCE_MS);
        const { events, rest } = parsedEvents(text + piece.value);
        text = rest;
        for (const event of events) {
          lastId = event.id ?? lastId;
          handlers.event(event);
        }
      }
    } catch {
      // It is told below, and tried again.
      wait = Math.min(wait * 2, MOST_MS);
    }
    clearTimeout(silence);
    if (isClosed) return;
    handlers.live(false);
    timer = setTimeout(() => void read(), wait);
  }

  function lost(): void {
    current?.abort();
  }

  addEventListener("offline", lost);
  void read();
  return () => {
    isClosed = true;
    clearTimeout(timer);
    removeEventListener("offline", lost);
    current?.abort();
  };
}
