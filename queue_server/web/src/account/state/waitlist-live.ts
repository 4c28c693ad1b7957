import { session } from "../../patient/api";
import { onReturn } from "../../patient/connection";
import { connect } from "../../tracker/socket";

/** How often is looked where nothing tells, and where it might have been missed. */
const EVERY_MS = 10_000;
const SELDOM_MS = 60_000;

/** Have `look` run whenever something happens to what this account waits for; returns how to stop. */
export function followWaitlist(look: () => void): () => void {
  let isTold = false;
  let lookedAt = Date.now();

  function again(): void {
    lookedAt = Date.now();
    look();
  }

  const address = `${location.origin.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket`;
  const socket = connect(address, {
    open() {
      session.accessToken().then(
        (accessToken) => socket.emit("watch-waitlist", { accessToken }),
        () => socket.close(),
      );
    },
    event(name) {
      if (name === "waitlist-watched") isTold = true;
      if (name === "waitlist-watched" || name === "waitlist-update") again();
      else if (name === "error") {
        isTold = false;
        socket.close();
      }
    },
    lost: () => (isTold = false),
  });
  const timer = setInterval(() => {
    if (document.hidden || Date.now() - lookedAt < (isTold ? SELDOM_MS : EVERY_MS)) return;
    again();
  }, EVERY_MS / 2);
  const unlisten = onReturn(() => {
    socket.wake();
    again();
  });
  const sleep = () => {
    isTold = false;
    socket.sleep();
  };
  addEventListener("offline", sleep);
  return () => {
    clearInterval(timer);
    socket.close();
    unlisten();
    removeEventListener("offline", sleep);
  };
}
