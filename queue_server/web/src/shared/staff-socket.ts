import { batch, type ReadonlySignal, signal } from "@preact/signals";
import { io, type Socket } from "socket.io-client";
import type {
  Acknowledgement,
  DisplayQueue,
  Problem,
  QueueWatchers,
  StaffQueue,
} from "../generated/contract";
import { localDate } from "./dates";
import { Refused } from "./http";
import { applyPatch, isSeen, type Patch } from "./queue-patch";
import type { SessionKeeper } from "./session";

const ACK_MS = 8000;
const RETRY_MS = 2000;
const DAY_CHECK_MS = 30_000;

/** What the account is shown: desks everything, displays tickets. */
type Shown = StaffQueue | DisplayQueue;
type PatchOf<Queue extends Shown> = Patch<Queue["header"], Queue["entries"][number]>;

export type Queues<Queue extends Shown = StaffQueue> = ReadonlyMap<string, Queue>;
export type Presence = ReadonlyMap<string, string[]>;
export type Watchers = ReadonlyMap<string, QueueWatchers>;

interface Subscribed<Queue> {
  ok: boolean;
  date?: string;
  queues?: Queue[];
  problem?: Problem;
}

export interface StaffSocket<Queue extends Shown = StaffQueue> {
  /** Whether what is shown is live: false at once when the network goes. */
  isLive: ReadonlySignal<boolean>;
  /** When the server was last heard from, in ms since 1970 by this clock; 0 before that. */
  heardAt: ReadonlySignal<number>;
  /** The queues subscribed to, by doctor. Kept, however old, while there is no connection. */
  queues: ReadonlySignal<Queues<Queue>>;
  /** Names of other desks that look at a doctor's lane. */
  presence: ReadonlySignal<Presence>;
  /** Who follows a doctor's queue on a phone. */
  watchers: ReadonlySignal<Watchers>;
  /** Why the subscription was refused, if it was. */
  refusal: ReadonlySignal<Problem | null>;
  /** Watch these doctors; without a date, today in the clinic's zone, also after midnight. */
  subscribe(doctorIds: string[], date?: string): Promise<void>;
  /** Take a whole queue that came another way (an answer); older ones are dropped. */
  take(queue: Queue): void;
  /** Fetch a whole queue over HTTP and take it. */
  refetch(doctorId: string): Promise<Queue>;
  /** Send a command; rejects when no answer came, and then nobody knows whether it was done. */
  command(name: string, body: object): Promise<Acknowledgement>;
  /** The connection itself, for who listens to more than queues. */
  io: Socket;
  /** Tell the other desks which lane this one is at. */
  focus(doctorId: string | null): void;
  close(): void;
}

/** Open the staff namespace as the account that `session` keeps. */
export function openStaffSocket<Queue extends Shown = StaffQueue>(
  session: SessionKeeper,
): StaffSocket<Queue> {
  const isLive = signal(false);
  const heardAt = signal(0);
  const queues = signal<Queues<Queue>>(new Map());
  const presence = signal<Presence>(new Map());
  const watchers = signal<Watchers>(new Map());
  const refusal = signal<Problem | null>(null);
  let wanted: { doctorIds: string[]; date: string | undefined } = {
    doctorIds: [],
    date: undefined,
  };
  let retry: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;

  const socket: Socket = io("/staff", {
    path: "/socket.io/",
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    auth: (give) => {
      session.accessToken().then(
        (token) => give({ token }),
        () => give({}),
      );
    },
    reconnectionDelay: 500,
    reconnectionDelayMax: 8000,
    randomizationFactor: 0.5,
    timeout: ACK_MS,
  });

  function lost(): void {
    isLive.value = false;
  }

  function heard(): void {
    heardAt.value = Date.now();
  }

  /** The client reconnects by itself unless the server closed or refused; then we do. */
  function connectLater(): void {
    clearTimeout(retry);
    if (isClosed || !session.current.value) return;
    retry = setTimeout(() => socket.connect(), RETRY_MS * (0.5 + Math.random()));
  }

  async function emit<T>(event: string, body: object): Promise<T> {
    return (await socket.timeout(ACK_MS).emitWithAck(event, body)) as T;
  }

  /** Ask, and once more with a new token if the old one has ended meanwhile. */
  async function ask<T extends { ok: boolean; problem?: Problem | null }>(
    event: string,
    body: object,
  ): Promise<T> {
    const answer = await emit<T>(event, body);
    if (answer.ok || answer.problem?.code !== "token_expired") return answer;
    await emit("authenticate", { token: await session.renew() });
    return emit<T>(event, body);
  }

  async function resubscribe(): Promise<void> {
    if (!socket.connected || wanted.doctorIds.length === 0) return;
    try {
      const asked = wanted;
      const { doctorIds, date } = asked;
      const answer = await ask<Subscribed<Queue>>("subscribe", {
        doctorIds,
        ...(date && { date }),
      });
      if (asked !== wanted) return;
      refusal.value = answer.ok ? null : (answer.problem ?? null);
      batch(() => {
        for (const queue of answer.queues ?? []) take(queue);
      });
      heard();
      isLive.value = answer.ok && navigator.onLine !== false;
    } catch {
      // Half open: the socket believes in a connection that answers nothing.
      lost();
      socket.disconnect();
      connectLater();
    }
  }

  function take(queue: Queue): void {
    if (!wanted.doctorIds.includes(queue.doctorId)) return;
    if (wanted.date && queue.date !== wanted.date) return;
    const held = queues.value.get(queue.doctorId);
    const isOlder =
      held && (queue.date < held.date || (queue.date === held.date && isSeen(held, queue)));
    // The same version again is fresher all the same: its estimates are.
    const isSame = held?.date === queue.date && held.version === queue.version;
    if (isOlder && !(isSame && held.epoch === queue.epoch)) return;
    queues.value = new Map(queues.value).set(queue.doctorId, queue);
  }

  const fetching = new Map<string, Promise<Queue>>();

  function refetch(doctorId: string): Promise<Queue> {
    const date = wanted.date ?? queues.value.get(doctorId)?.date;
    const address = `/api/appointments/queue/state/${doctorId}${date ? `?date=${date}` : ""}`;
    const underWay = fetching.get(doctorId);
    if (underWay) return underWay;
    const fetched = session
      .request<Queue>(address)
      .then(({ data }) => {
        take(data);
        return queues.value.get(doctorId) ?? data;
      })
      .finally(() => fetching.delete(doctorId));
    fetching.set(doctorId, fetched);
    return fetched;
  }

  function takePatch(patch: PatchOf<Queue>): void {
    const held = queues.value.get(patch.doctorId);
    if (!held) return;
    const next = applyPatch<Queue["header"], Queue["entries"][number]>(held, patch) as Queue | null;
    if (next === null) void refetch(patch.doctorId).catch(() => void resubscribe());
    else if (next !== held) queues.value = new Map(queues.value).set(patch.doctorId, next);
  }

  async function authenticateAgain(): Promise<void> {
    try {
      await emit("authenticate", { token: await session.renew() });
    } catch (error) {
      if (error instanceof Refused) return; // signed out: the screen shows the way in
      socket.disconnect();
      connectLater();
    }
  }

  socket.on("connect", () => void resubscribe());
  socket.on("disconnect", (reason) => {
    lost();
    if (reason === "io server disconnect") connectLater();
  });
  socket.on("connect_error", () => {
    lost();
    // `active` is false when the server refused the namespace: most likely an expired token.
    if (!socket.active) void session.renew().then(connectLater, connectLater);
  });
  socket.on("queue-state", take);
  socket.on("queue-patch", takePatch);
  socket.on("desk-presence", (told: { doctorId: string; desks: { name: string }[] }) => {
    const names = told.desks.map((desk) => desk.name);
    presence.value = new Map(presence.value).set(told.doctorId, names);
  });
  socket.on("queue-watchers", (told: QueueWatchers) => {
    watchers.value = new Map(watchers.value).set(told.doctorId, told);
  });
  socket.on("error", (told: { code?: string }) => {
    if (told?.code === "token_expired") void authenticateAgain();
  });
  socket.onAny(heard);
  socket.io.on("ping", heard);

  // The browser knows at once that the network went; an open websocket may not for a minute.
  const back = () => {
    if (socket.connected) return void resubscribe();
    // A client that waits for its next attempt ignores `connect`: start afresh.
    socket.disconnect().connect();
  };
  addEventListener("offline", lost);
  addEventListener("online", back);

  const midnight = setInterval(() => {
    const any = queues.value.values().next().value;
    if (!any || wanted.date) return;
    if (localDate(any.header.timezone) !== any.date) void resubscribe();
  }, DAY_CHECK_MS);

  return {
    isLive,
    heardAt,
    queues,
    presence,
    watchers,
    refusal,
    take,
    refetch,
    async subscribe(doctorIds, date) {
      if (date !== wanted.date) queues.value = new Map();
      wanted = { doctorIds, date };
      const kept = [...queues.value].filter(([doctorId]) => doctorIds.includes(doctorId));
      queues.value = new Map(kept);
      if (doctorIds.length > 0) await resubscribe();
      else if (socket.connected) socket.emit("unsubscribe", {});
    },
    command: (name, body) => ask<Acknowledgement>(name, body),
    io: socket,
    focus: (doctorId) => void (socket.connected && socket.emit("desk-focus", { doctorId })),
    close() {
      isClosed = true;
      clearTimeout(retry);
      clearInterval(midnight);
      removeEventListener("offline", lost);
      removeEventListener("online", back);
      socket.disconnect();
      lost();
    },
  };
}
