// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import { type Answer, serve } from "../testing";

const ENTRY = { id: "wish", position: null };
const words = { error_waitlist_full: "full" };

async function joining(server: (method: string, path: string) => Answer) {
  const asked = serve(({ method, path }) => server(method, path));
  const { join, joined } = await import("./joining");
  return { asked, join, joined };
}

beforeEach(() => {
  vi.resetModules();
  sessionStorage.clear();
  const user = { id: "noor" };
  const session = { accessToken: "a", refreshToken: null, expiresAt: Infinity, user };
  localStorage.setItem("clinic-queue.patient.t", JSON.stringify(session));
  const known = { language: "en", words, store: { tenantId: "t", clinics: [] } };
  document.body.innerHTML = `<script id="known" type="application/json">${JSON.stringify(known)}</script>`;
});

it("tells the place, which is looked up after joining", async () => {
  const { asked, join, joined } = await joining((method) => ({
    data: method === "POST" ? ENTRY : { ...ENTRY, position: 3 },
  }));
  await join({ clinicId: "a" }, "key");
  expect(joined.value).toEqual({ entry: { id: "wish", position: 3 }, wasThere: false });
  expect(asked[0]?.headers.get("Idempotency-Key")).toBe("key");
});

it("has joined also where the place cannot be looked up", async () => {
  const { join, joined } = await joining((method) =>
    method === "POST" ? { data: ENTRY } : "none",
  );
  await join({}, "key");
  expect(joined.value?.entry).toEqual(ENTRY);
});

it("shows whoever waits already the entry there is", async () => {
  const { join, joined } = await joining((method) =>
    method === "POST"
      ? { status: 409, code: "already_waiting", entryId: "wish" }
      : { data: { ...ENTRY, position: 2 } },
  );
  await join({}, "key");
  expect(joined.value).toEqual({ entry: { id: "wish", position: 2 }, wasThere: true });
});

it("says of a full list that it is full", async () => {
  const { join, joined } = await joining(() => ({ status: 409, code: "waitlist_full" }));
  const { trouble } = await import("../../patient/api");
  const error = await join({}, "key").catch((refusal: unknown) => refusal);
  expect(trouble(error)).toBe("full");
  expect(joined.value).toBeNull();
});
