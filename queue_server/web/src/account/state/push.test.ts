// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import { serve } from "../../book/testing";

const subscription = { unsubscribe: vi.fn(async () => true), toJSON: () => ({ endpoint: "e" }) };
const worker = {
  pushManager: { subscribe: async () => subscription, getSubscription: async () => subscription },
};

beforeEach(() => {
  vi.resetModules();
  localStorage.clear();
  const user = { id: "noor" };
  const session = { accessToken: "a", refreshToken: null, expiresAt: Infinity, user };
  localStorage.setItem("clinic-queue.patient.t", JSON.stringify(session));
  const known = { language: "en", words: {}, store: { tenantId: "t", clinics: [] } };
  document.body.innerHTML = `<script id="known" type="application/json">${JSON.stringify(known)}</script>`;
  vi.stubGlobal("Notification", {
    permission: "granted",
    requestPermission: async () => "granted",
  });
  vi.stubGlobal("PushManager", class {});
  const serviceWorker = {
    register: async () => worker,
    ready: Promise.resolve(worker),
    getRegistration: async () => worker,
  };
  vi.stubGlobal("navigator", { ...navigator, onLine: true, serviceWorker });
});

it("subscribes with the server's key, and signing out ends that before the session", async () => {
  const asked = serve(({ path }) => ({
    data: path === "/api/push/key" ? { publicKey: "-_8" } : { id: "browser" },
  }));
  const { bytesOf, pushState, signOutHere, turnOn } = await import("./push");
  expect([...bytesOf("-_8")]).toEqual([251, 255]);
  await turnOn();
  expect(pushState.value).toBe("on");
  expect(asked.at(-1)?.body).toEqual({ endpoint: "e" });
  await signOutHere();
  expect(subscription.unsubscribe).toHaveBeenCalled();
  expect(asked.at(-1)).toMatchObject({
    method: "DELETE",
    path: "/api/me/push-subscriptions/browser",
  });
  expect(localStorage.getItem("clinic-queue.patient.t")).toBeNull();
});
