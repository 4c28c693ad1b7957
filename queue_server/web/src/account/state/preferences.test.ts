// @vitest-environment happy-dom
import { beforeAll, expect, it } from "vitest";

beforeAll(() => {
  const known = { language: "en", words: {}, store: { tenantId: "t", clinics: [] } };
  document.body.innerHTML = `<script id="known" type="application/json">${JSON.stringify(known)}</script>`;
});

it("names each kind of message once", async () => {
  const { GROUPS } = await import("./preferences");
  const kinds = GROUPS.flatMap((group) => group.kinds);
  expect(new Set(kinds).size).toBe(kinds.length);
  expect(kinds).toHaveLength(14);
});

it("lists channels in one order, and a zone that the browser does not know", async () => {
  const { chosen, timeZones } = await import("./preferences");
  expect(chosen({ push: true, sms: false, whatsapp: false, email: true })).toEqual([
    "email",
    "push",
  ]);
  expect(timeZones("Moon/Tycho")[0]).toBe("Moon/Tycho");
});
