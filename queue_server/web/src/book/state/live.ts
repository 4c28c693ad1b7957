import { onReturn } from "../../patient/connection";
import { tenantId } from "../../patient/known";
import { connect } from "../../tracker/socket";
import type { SlotNews } from "../model/slots";

/** How often is looked while sockets do not get through. */
const EVERY_MS = 10_000;
const POLL_AFTER = 2;

export interface Watcher {
  /** One slot has changed. */
  heard(news: SlotNews): void;
  /** Something may have changed that nobody told us. */
  lookAgain(): void;
  /** Whether changes come by themselves now. */
  live(isLive: boolean): void;
}

const EVENTS = ["slot_availability_changed", "hold_created", "hold_released", "slot_booked"];

/** Watch a doctor's times between two dates, or those of all doctors; returns how to stop. */
export function watch(
  doctorId: string | null,
  from: string,
  to: string,
  watcher: Watcher,
): () => void {
  let timer: ReturnType<typeof setInterval> | undefined;
  let isLive = false;

  function become(next: boolean): void {
    isLive = next;
    watcher.live(next);
    clearInterval(timer);
    if (!next) timer = setInterval(() => !document.hidden && watcher.lookAgain(), EVERY_MS);
  }

  const address = `${location.origin.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket`;
  const socket = connect(address, {
    open() {
      const whose = doctorId ? { doctorId } : {};
      socket.emit("watch-availability", { tenantId, ...whose, from, to });
      become(true);
    },
    event(name, body) {
      if (name === "availability-watched") {
        // What has changed before, nobody tells.
        watcher.lookAgain();
      } else if (name === "error") {
        become(false);
        socket.close();
      } else if (EVENTS.includes(name)) {
        const news = body as SlotNews;
        if (news.slotId) watcher.heard(news);
        else watcher.lookAgain();
      }
    },
    lost(failures) {
      if (isLive || failures >= POLL_AFTER) become(false);
    },
  });

  const unlisten = onReturn(() => {
    socket.wake();
    watcher.lookAgain();
  });
  const sleep = () => socket.sleep();
  addEventListener("offline", sleep);
  return () => {
    socket.close();
    clearInterval(timer);
    unlisten();
    removeEventListener("offline", sleep);
  };
}
