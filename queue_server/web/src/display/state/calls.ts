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
let isFirst = true;

/** Follow the queues and announce every new call, one after the other. */
export function followCalls(): void {
  effect(() => {
    if (queues.value.length === 0) return;
    const before = calls.peek();
    const after = callsOf(queues.value, before, Date.now());
    calls.value = after;
    // A screen that was just switched on shows what is, and shouts only about what comes.
    if (!isFirst) {
      waiting.push(...newCalls(before, after).reverse());
      if (!announcing.peek()) next();
    }
    isFirst = false;
  });
}

function next(): void {
  const call = waiting.shift() ?? null;
  announcing.value = call;
  if (!call) return;
  announce(call);
  setTimeout(next, HELD_MS);
}
