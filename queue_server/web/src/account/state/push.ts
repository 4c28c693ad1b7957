import { signal } from "@preact/signals";
import type { BrowserView, PushKeyView } from "../../generated/contract";
import { look, session } from "../../patient/api";

const WORKER = "/push-worker.js";
const PATH = "/api/me/push-subscriptions";
/** Under which id the server keeps this browser; only it can say so again. */
const KEPT = "patient.push";

export type PushState = "unknown" | "none" | "off" | "on" | "denied";

/** Whether this browser shows messages, can, or may not. */
export const pushState = signal<PushState>("unknown");

function isAble(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

/** Find out how it stands with this browser. */
export async function findPushState(): Promise<void> {
  if (!isAble()) {
    pushState.value = "none";
    return;
  }
  if (Notification.permission === "denied") {
    pushState.value = "denied";
    return;
  }
  const worker = await navigator.serviceWorker.getRegistration(WORKER);
  const subscription = await worker?.pushManager.getSubscription();
  pushState.value = subscription && localStorage.getItem(KEPT) ? "on" : "off";
}

/** Ask the browser for leave, and have the server push to it from now on. */
export async function turnOn(): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") {
    pushState.value = Notification.permission === "denied" ? "denied" : "off";
    return;
  }
  const { publicKey } = (await look<PushKeyView>("/api/push/key")).data;
  const worker = await navigator.serviceWorker.register(WORKER);
  await navigator.serviceWorker.ready;
  const subscription = await worker.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytesOf(publicKey),
  });
  const body = subscription.toJSON();
  const { data } = await session.request<BrowserView>(PATH, { method: "POST", body });
  localStorage.setItem(KEPT, data.id);
  pushState.value = "on";
}

/** Have nothing pushed to this browser any more. */
export async function turnOff(): Promise<void> {
  const worker = await navigator.serviceWorker.getRegistration(WORKER);
  await (await worker?.pushManager.getSubscription())?.unsubscribe();
  const id = localStorage.getItem(KEPT);
  localStorage.removeItem(KEPT);
  pushState.value = "off";
  if (id) await session.request(`${PATH}/${id}`, { method: "DELETE" });
}

/** Sign out; whoever uses this device next is not shown somebody else's messages. */
export async function signOutHere(): Promise<void> {
  if (localStorage.getItem(KEPT)) await turnOff().catch(() => undefined);
  await session.signOut();
}

/** The bytes of what is written in base64url, as browsers want the server's key. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}
