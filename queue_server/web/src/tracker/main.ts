import type { NoticeView, QueueView, TrackedView } from "../generated/contract";
import { showOffers } from "./beside";
import { explainOnDemand } from "./changes";
import { type Known, takeNotice, takeUpdate, takeView } from "./known";
import { at, paint, paintLink } from "./paint";
import { polling } from "./poll";
import { connect } from "./socket";
import "./tracker.css";
import "./offer.css";
import type { Words } from "./words.ts";

/** Failed connections after which the page asks over HTTP as well. */
const POLL_AFTER = 2;
/** Estimates move with the clock, also while nobody in the queue does. */
const LOOK_AGAIN_MS = 120_000;
const JOIN_AGAIN_MS = 5000;

const known: Known & { words: Words } = JSON.parse(at("known").textContent ?? "");
const { words } = known;
const token = location.pathname.split("/")[2] ?? "";
const api = "/api/appointments";

const lookForOffers = showOffers(token);

let state: "live" | "by_itself" | "offline" = "by_itself";

function show(isNew: boolean): void {
  if (isNew) paint(known, words);
}

function become(next: typeof state): void {
  state = next;
  paintLink(state, known, words);
}

const poll = polling(`${api}/refresh-queue/${token}`, {
  answered(view) {
    if (view) show(takeView(known, view));
    become("by_itself");
  },
  failed: () => become("offline"),
  // The server's page says what is wrong with the link.
  refused: () => location.reload(),
});

const socket = connect(
  `${location.origin.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket`,
  {
    open: join,
    event(name, body) {
      if (name === "queue-joined" || name === "queue-status") {
        show(takeView(known, (body as { data: TrackedView }).data));
        poll.stop();
        become("live");
      } else if (name === "queue-update") {
        show(takeUpdate(known, (body as { data: { queue: QueueView } }).data.queue));
      } else if (name === "emergency-notification") {
        show(takeNotice(known, body as NoticeView));
      } else if (name === "waitlist-update") {
        lookForOffers();
      } else if (name === "error") {
        if ((body as { retryable: boolean }).retryable) setTimeout(join, JOIN_AGAIN_MS);
        else socket.close();
        poll.start();
        return;
      }
      if (state === "live") become("live");
    },
    lost(failures) {
      if (state === "live") become("offline");
      if (failures >= POLL_AFTER) poll.start();
    },
  },
);

function join(): void {
  const { epoch, version } = known.queue;
  socket.emit("join-queue", { token, epoch, version });
  // Few wait for another visit; nobody else costs the server anything.
  if (at("beside").dataset.waits !== undefined) {
    socket.emit("watch-waitlist", { trackingToken: token });
  }
}

function lookAgain(): void {
  if (state === "live" && !document.hidden) socket.emit("get-queue-status", { token });
}

addEventListener("offline", () => {
  // An open websocket may not notice for a minute.
  socket.sleep();
  poll.stop();
  become("offline");
});
addEventListener("online", () => socket.wake());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  socket.wake();
  lookAgain();
  lookForOffers();
});
setInterval(lookAgain, LOOK_AGAIN_MS);

explainOnDemand(`${api}/track/${token}/changes`, known, words);
