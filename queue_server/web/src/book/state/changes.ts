import type { SlotChangesView } from "../../generated/contract";
import { look } from "../../patient/api";
import type { Watcher } from "./live";

/** How often is looked where nothing tells of changes. */
const EVERY_MS = 10_000;
/** How long the server may wait for something to happen, and we for its answer. */
const WAIT_SECONDS = 20;
const ANSWER_MS = 28_000;
/** A server that has much to tell is not asked in a row. */
const LEAST_MS = 1_000;

export interface Asking {
  /** Ask from now on, if that is not done already. */
  start(): void;
  stop(): void;
}

/**
 * Ask what has changed, again and again, for where no socket gets through: the server answers as
 * soon as something happens to this doctor's times; those of several doctors are looked up.
 */
export function askForChanges(doctorId: string | null, watcher: Watcher): Asking {
  // Each start is another run: what an older one still hears is told to nobody.
  let run = 0;
  let isOn = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function next(mine: number, cursor: string | null): Promise<void> {
    const isAsleep = document.hidden || !navigator.onLine;
    const heard = isAsleep ? { cursor, pause: EVERY_MS } : await ask(mine, cursor);
    if (mine === run) timer = setTimeout(() => void next(mine, heard.cursor), heard.pause);
  }

  async function ask(mine: number, cursor: string | null) {
    try {
      const told = doctorId ? await changesOf(doctorId, cursor) : null;
      if (mine === run) tell(told, cursor);
      const pause = told ? Math.max(LEAST_MS, told.pauseSeconds * 1000) : EVERY_MS;
      return { cursor: told?.cursor ?? null, pause };
    } catch {
      return { cursor: null, pause: EVERY_MS };
    }
  }

  function tell(told: SlotChangesView | null, cursor: string | null): void {
    // What happened before the first cursor, nobody tells.
    if (!told || !cursor || told.lookAgain) watcher.lookAgain();
    for (const one of told?.changes ?? []) watcher.heard(one);
  }

  return {
    start() {
      if (isOn) return;
      isOn = true;
      void next(++run, null);
    },
    stop() {
      isOn = false;
      run++;
      clearTimeout(timer);
    },
  };
}

async function changesOf(doctorId: string, since: string | null): Promise<SlotChangesView> {
  const query = { doctorId, ...(since && { since }), wait: String(WAIT_SECONDS) };
  return (await look<SlotChangesView>("/api/slots/changes", query, ANSWER_MS)).data;
}
