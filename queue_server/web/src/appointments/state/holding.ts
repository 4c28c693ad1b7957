import { signal } from "@preact/signals";
import type { HoldView, Mode, SlotView } from "../../generated/contract";
import { announce, interrupt } from "../../shared/announce";
import { serverNow, setServerTime } from "../../shared/clock";
import { commandKey } from "../../shared/key";
import { session } from "../../staff/account";
import { remove } from "../../staff/rest";
import { holdStage } from "../model/hold";
import { isTimeGone, refusalWords } from "../model/refusals";

/** Why a time could not be held, and the time that was wanted if others near it would do. */
export interface NotHeld {
  text: string;
  wanted: SlotView | null;
}

/** The time that is kept for what is being filled in. */
export const hold = signal<HoldView | null>(null);

/** Why the last one wanted is not held. */
export const notHeld = signal<NotHeld | null>(null);

/** The id of the time that is being asked for. */
export const holding = signal<string | null>(null);

/** Hold a time instead of the one held before; says whether it is held. `said` is how the time reads. */
export async function holdTime(slot: SlotView, mode: Mode, said: string): Promise<boolean> {
  if (holding.value !== null) return false;
  const before = hold.value;
  holding.value = slot.id;
  notHeld.value = null;
  try {
    const { data, date } = await session.request<HoldView>(`/api/slots/${slot.id}/hold`, {
      method: "POST",
      body: { mode },
      headers: { "Idempotency-Key": commandKey() },
    });
    // The deadline is the server's: so is the clock that counts down to it.
    if (date) setServerTime(date);
    hold.value = data;
    // Only now: who loses the race for the new one keeps the old one.
    if (before && before.slot.id !== slot.id) void letGo(before);
    announce(`${said} is held for you for ${minutesLeft(data)} minutes.`);
    return true;
  } catch (error) {
    const text = refusalWords(error as Error);
    notHeld.value = { text, wanted: isTimeGone(error as Error) ? slot : null };
    interrupt(text);
    return false;
  } finally {
    holding.value = null;
  }
}

/** Give the held time up. */
export async function giveUp(): Promise<void> {
  const held = hold.value;
  hold.value = null;
  notHeld.value = null;
  if (held) await letGo(held);
}

/** What was held is booked, or gone: there is nothing to give up any more. */
export function forgetHold(): void {
  hold.value = null;
  notHeld.value = null;
}

/** Give the time up when the page is left: nobody else can have it while nobody books it. */
export function giveUpWhenLeft(): () => void {
  const leave = (): void => {
    const held = hold.value;
    const token = session.current.value?.accessToken;
    if (!held || !token || holdStage(held.expiresAt, serverNow()) === "over") return;
    hold.value = null;
    void fetch(`/api/slots/${held.slot.id}/hold`, {
      method: "DELETE",
      headers: { Authorization: `Bearer ${token}` },
      keepalive: true,
    }).catch(() => undefined);
  };
  addEventListener("pagehide", leave);
  return () => {
    removeEventListener("pagehide", leave);
    leave();
  };
}

// The server ends what is left over by itself; that it could not be told is no news for anybody.
async function letGo({ slot }: HoldView): Promise<void> {
  await remove(`/api/slots/${slot.id}/hold`).catch(() => undefined);
}

function minutesLeft({ expiresAt }: HoldView): number {
  return Math.round((Date.parse(expiresAt) - serverNow()) / 60_000);
}
