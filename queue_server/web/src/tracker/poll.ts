import type { TrackedView } from "../generated/contract";

const EVERY_MS = 15_000;
const TIMEOUT_MS = 8000;

export interface Poll {
  start(): void;
  stop(): void;
}

export interface PollHandlers {
  /** The server answered; without a view when nothing has changed. */
  answered(view?: TrackedView): void;
  failed(): void;
  /** The link does not work any more. */
  refused(): void;
}

/** Ask over HTTP every 15 s while websockets do not get through. */
export function polling(address: string, handlers: PollHandlers): Poll {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOn = false;
  let etag = "";

  async function ask(): Promise<void> {
    const abort = new AbortController();
    const timeout = setTimeout(() => abort.abort(), TIMEOUT_MS);
    try {
      const headers: Record<string, string> = etag ? { "If-None-Match": etag } : {};
      const answer = await fetch(address, { headers, signal: abort.signal, cache: "no-store" });
      if (!isOn) return;
      if (answer.ok) {
        etag = answer.headers.get("ETag") || "";
        handlers.answered((await answer.json()).data);
      } else if (answer.status === 304) handlers.answered();
      else if ([400, 404, 410].includes(answer.status)) handlers.refused();
      else handlers.failed();
    } catch {
      if (isOn) handlers.failed();
    }
    clearTimeout(timeout);
    // Spread, so that a clinic full of phones does not ask in step.
    if (isOn) timer = setTimeout(ask, EVERY_MS * (0.8 + 0.4 * Math.random()));
  }

  return {
    start() {
      if (isOn) return;
      isOn = true;
      void ask();
    },
    stop() {
      isOn = false;
      clearTimeout(timer);
    },
  };
}
