import { vi } from "vitest";
import type { SlotView } from "../generated/contract";

export const CLINIC = "riverside";

/** A free slot of Dr Mehta's on the second of March, at this time. */
export function slot(at: string, changed: Partial<SlotView> = {}): SlotView {
  const [date, time] = at.includes("T") ? at.split("T") : ["2026-03-02", at];
  return {
    id: at,
    doctorId: "mehta",
    doctorName: "Dr Mehta",
    clinicId: CLINIC,
    start: `${date}T${time}:00Z`,
    end: `${date}T${time}:20Z`,
    date: date as string,
    partOfDay: "morning",
    status: "free",
    remaining: { inPerson: 1, tele: 0 },
    roomId: null,
    version: 1,
    ...changed,
  };
}

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: Record<string, unknown> | null;
}

/** What the server answers: data, a refusal, or nothing at all. */
export type Answer =
  | { data: unknown; meta?: Record<string, unknown> }
  | { status: number; code: string; field?: string; entryId?: string }
  | "none";

/** Have `server` answer every request from now on; returns what it is asked. */
export function serve(server: (asked: Asked) => Answer | Promise<Answer>): Asked[] {
  const all: Asked[] = [];
  vi.stubGlobal("fetch", async (address: string, call: RequestInit) => {
    const url = new URL(address, "http://clinic");
    const asked: Asked = {
      method: call.method ?? "GET",
      path: url.pathname,
      query: url.searchParams,
      headers: new Headers(call.headers),
      body: call.body ? (JSON.parse(String(call.body)) as Record<string, unknown>) : null,
    };
    all.push(asked);
    const answer = await server(asked);
    if (answer === "none") throw new TypeError("no network");
    return responseTo(answer);
  });
  return all;
}

function responseTo(answer: Exclude<Answer, "none">): Response {
  const headers = { Date: new Date(serverTime()).toUTCString() };
  if ("data" in answer) return Response.json(answer, { headers });
  const { status, code, field, entryId } = answer;
  const errors = field ? [{ field, message: code }] : [];
  const problem = { code, status, title: code, detail: code, errors, ...(entryId && { entryId }) };
  return Response.json(problem, { status, headers });
}

let ahead = 0;

/** The server's clock, which may differ from the phone's. */
export function serverTime(): number {
  return Date.now() - ahead;
}

/** Load the pages' modules anew, as a browser does; what the tab has kept stays. */
export async function openPages(options: { path?: string; phoneIsAheadMs?: number } = {}) {
  const { path = "/book/details", phoneIsAheadMs = 0 } = options;
  ahead = phoneIsAheadMs;
  const store = { tenantId: "t", name: "Riverside", clinics: [], specialties: [], languages: [] };
  const known = {
    language: "en",
    words: {},
    store,
    paysOnline: true,
    now: new Date(serverTime()).toISOString(),
  };
  document.body.innerHTML = `<script type="application/json" id="known">${JSON.stringify(known)}</script>`;
  history.replaceState(null, "", path);
  vi.resetModules();
  const [hold, comes, booking, payment, resume, route] = await Promise.all([
    import("./state/hold"),
    import("./state/comes"),
    import("./state/booking"),
    import("./state/payment"),
    import("./state/resume"),
    import("../shared/route"),
  ]);
  return { ...hold, ...comes, ...booking, ...payment, ...resume, ...route };
}
