import { useEffect, useState } from "preact/hooks";
import { account } from "../../staff/account";
import { connect } from "../../tracker/socket";
import type { Place } from "./place";

/** News that come together are read once. */
const TOGETHER_MS = 150;
const NEWS = /^(slot_availability_changed|hold_created|hold_released|slot_booked)$/;

/** Call `reload` when something happens to the times of a day; says whether that is told at present. */
export function useNews({ doctorId, date }: Place, reload: () => Promise<void>): boolean {
  const [isLive, setLive] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void reload();
      }, TOGETHER_MS);
    };
    const whose = doctorId ? { doctorId } : {};
    const socket = connect(socketAddress(), {
      open() {
        const tenantId = account.value?.tenantId;
        socket.emit("watch-availability", { ...whose, tenantId, from: date, to: date });
        setLive(true);
      },
      event(name) {
        // What happened before it was listened to, nobody tells.
        if (name === "availability-watched" || NEWS.test(name)) soon();
        // It is refused: then the times are read every few seconds.
        else if (name === "error") setLive(false);
      },
      lost: () => setLive(false),
    });
    const sleep = (): void => socket.sleep();
    const wake = (): void => socket.wake();
    addEventListener("offline", sleep);
    addEventListener("online", wake);
    return () => {
      clearTimeout(timer);
      socket.close();
      removeEventListener("offline", sleep);
      removeEventListener("online", wake);
    };
  }, [doctorId, date, reload]);
  return isLive;
}

function socketAddress(): string {
  return `${location.origin.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket`;
}
