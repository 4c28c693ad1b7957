import { effect, signal } from "@preact/signals";
import { type Call, callsOf, newCalls } from "../model/calls";
import { announce } from "./announce";
import { queues } from "./screen";

/** The calls of the last while, the newest first. */
export const calls = signal<Call[]>([]);

/** The call that is being announced; it has the big panel to itself. */
export const announcing = signal<Call | null>(null);

/** Long enough to look up and read. */
const HELD_MS = 7000;

const waiting: Call[] = [];

/** Doctors whose queue was on the screen already. */
let followed = new Set<string>();

/** Follow the queues and announce every new call, one after the other. */
export function followCalls(): void {
  effect(() => {
    const before = calls.peek();
    const after = callsOf(queues.value, before, Date.now());
    calls.value = after;
    // A queue that comes onto the screen shows what is; only what happens then is announced.
    const news = newCalls(before, after).filter((call) => followed.has(call.doctorId));
    followed = new Set(queues.value.map((queue) => queue.doctorId));
    waiting.push(...news.reverse());
    if (!announcing.peek()) next();
  });
}

function next(): void {
  const call = waiting.shift() ?? null;
  announcing.value = call;
  if (!call) return;
  announce(call);
  setTimeout(next, HELD_MS);
}
