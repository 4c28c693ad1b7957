import { onReturn } from "../../patient/connection";
import { tenantId } from "../../patient/known";
import { connect } from "../../tracker/socket";
import type { SlotNews } from "../model/slots";
import { askForChanges } from "./changes";

export interface Watcher {
  /** One slot has changed. */
  heard(news: SlotNews): void;
  /** Something may have changed that nobody told us. */
  lookAgain(): void;
  /** Whether changes come by themselves now. */
  live(isLive: boolean): void;
}

const EVENTS = ["slot_availability_changed", "hold_created", "hold_released", "slot_booked"];

/**
 * Watch a doctor's times between two dates, or those of all doctors; returns how to stop. As long
 * as no socket gets through, changes are asked for.
 */
export function watch(
  doctorId: string | null,
  from: string,
  to: string,
  watcher: Watcher,
): () => void {
  const asking = askForChanges(doctorId, watcher);

  function lose(): void {
    watcher.live(false);
    asking.start();
  }

  const address = `${location.origin.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket`;
  const socket = connect(address, {
    open() {
      const whose = doctorId ? { doctorId } : {};
      socket.emit("watch-availability", { tenantId, ...whose, from, to });
      asking.stop();
      watcher.live(true);
    },
    event(name, body) {
      if (name === "availability-watched") {
        // What has changed before, nobody tells.
        watcher.lookAgain();
      } else if (name === "error") {
        lose();
        socket.close();
      } else if (EVENTS.includes(name)) {
        const news = body as SlotNews;
        if (news.slotId) watcher.heard(news);
        else watcher.lookAgain();
      }
    },
    lost: lose,
  });

  const unlisten = onReturn(() => {
    socket.wake();
    watcher.lookAgain();
  });
  // An open socket that hears nothing looks like one to which nothing is told.
  const sleep = () => {
    socket.sleep();
    asking.stop();
    watcher.live(false);
  };
  addEventListener("offline", sleep);
  return () => {
    socket.close();
    asking.stop();
    unlisten();
    removeEventListener("offline", sleep);
  };
}
