// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Answer, type Asked, openPages, serve, serverTime, slot } from "../testing";

const HOUR_MS = 3_600_000;
const mehta = { id: "mehta", name: "Dr Mehta", specialtyLabel: "", fees: null, modes: [] };
const booked = {
  appointment: { id: "a", start: slot("09:00").start, doctor: mehta, clinic: { id: "riverside" } },
  trackingToken: "token",
  payment: null,
};

/** A hold of the slot at nine, which lasts ten minutes. */
function hold(changed: object = {}): Record<string, unknown> {
  const expiresAt = new Date(serverTime() + 600_000).toISOString();
  return {
    holdId: "h",
    expiresAt,
    mode: "in_person",
    renewable: true,
    slot: slot("09:00"),
    ...changed,
  };
}

function kept(name: string, value: unknown): void {
  sessionStorage.setItem(`booking.${name}`, JSON.stringify(value));
}

function isBook({ method, path }: Asked): boolean {
  return method === "POST" && path.endsWith("/book");
}

/** A server where a hold counts, and of which `special` is answered otherwise. */
function clinic(special: (asked: Asked) => Answer | undefined): Asked[] {
  return serve((asked) => {
    const answer = special(asked);
    if (answer) return answer;
    if (asked.path.endsWith("/hold")) return { data: hold() };
    if (asked.path === "/api/slots/availability") return { data: [slot("09:20")] };
    if (isBook(asked)) return { data: booked };
    return { data: [] };
  });
}

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
  vi.useFakeTimers({ now: Date.parse("2026-03-01T12:00:00Z") });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("what is held, after a reload", () => {
  it("stays held, though the phone's clock is an hour ahead", async () => {
    clinic(() => undefined);
    kept("hold", { ...hold(), doctor: mehta, anyone: null, asGuest: true });
    const pages = await openPages({ phoneIsAheadMs: HOUR_MS });
    kept("hold", null);
    expect(pages.held.value?.holdId).toBe("h");
    await pages.resume();
    expect(pages.held.value?.holdId).toBe("h");
    expect(pages.remaining.value?.minutes).toBe(10);
  });

  it("is given another chance when the server holds it no more", async () => {
    const asked = clinic((one) =>
      one.path.endsWith("/hold") ? { status: 404, code: "not_found" } : undefined,
    );
    kept("hold", { ...hold(), doctor: mehta, anyone: null, asGuest: true });
    const pages = await openPages();
    await pages.resume();
    expect(asked[0]).toMatchObject({ method: "GET", path: "/api/slots/09:00/hold" });
    expect(pages.held.value).toBeNull();
    expect(pages.offer.value).toMatchObject({ why: "expired", instead: { id: "09:20" } });
  });

  it("is kept while there is no answer", async () => {
    clinic(() => "none");
    kept("hold", { ...hold(), doctor: mehta, anyone: null, asGuest: true });
    const pages = await openPages();
    await pages.resume();
    expect(pages.held.value?.holdId).toBe("h");
  });

  it("that was booked without an answer, is asked for with the same key", async () => {
    let isAnswered = false;
    const asked = clinic((one) => {
      if (isBook(one)) return isAnswered ? { data: booked } : "none";
      if (isAnswered && one.path.endsWith("/hold")) return { status: 404, code: "not_found" };
      return undefined;
    });
    kept("hold", { ...hold(), doctor: mehta, anyone: null, asGuest: true });
    await (await openPages()).book();
    isAnswered = true;
    const pages = await openPages();
    await pages.resume();
    expect(pages.done.value?.trackingToken).toBe("token");
    expect(pages.offer.value).toBeNull();
    const keys = asked.filter(isBook).map(({ headers }) => headers.get("Idempotency-Key"));
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
  });
});

describe("what is paid", () => {
  const paid = {
    id: "p",
    holdId: "h",
    status: "paid",
    amount: 4000,
    currency: "EUR",
    payUrl: null,
  };

  it("is booked when the page is opened, and again while no answer comes", async () => {
    let answers = 0;
    const asked = clinic((one) => (isBook(one) && answers++ === 0 ? "none" : undefined));
    kept("hold", { ...hold(), doctor: mehta, anyone: null, asGuest: true });
    kept("payment", paid);
    const pages = await openPages({ path: "/book/pay" });
    const stop = pages.awaitPaid();
    await vi.advanceTimersByTimeAsync(100);
    expect(pages.failure.value).toBe("no_answer");
    expect(pages.isPaid.value).toBe(true);
    await vi.advanceTimersByTimeAsync(20_000);
    stop();
    expect(pages.done.value?.trackingToken).toBe("token");
    expect(asked.filter(isBook)).toHaveLength(2);
    expect(asked.some(({ path }) => path === "/api/payments")).toBe(false);
  });

  it("is booked at once when the network is back", async () => {
    let isOnline = false;
    clinic((one) => (isBook(one) && !isOnline ? "none" : undefined));
    kept("hold", { ...hold(), doctor: mehta, anyone: null, asGuest: true });
    kept("payment", paid);
    const pages = await openPages({ path: "/book/pay" });
    const stop = pages.awaitPaid();
    await vi.advanceTimersByTimeAsync(100);
    isOnline = true;
    dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(100);
    stop();
    expect(pages.done.value).not.toBeNull();
  });

  it("comes back when the hold was of no use", async () => {
    clinic((one) => (isBook(one) ? { status: 409, code: "hold_expired" } : undefined));
    kept("hold", { ...hold(), doctor: mehta, anyone: null, asGuest: true });
    kept("payment", paid);
    const pages = await openPages({ path: "/book/pay" });
    await pages.book();
    expect(pages.offer.value?.why).toBe("expired");
    expect(pages.comesBack(pages.offer.value?.holdId ?? null)).toBe(true);
  });
});

describe("who comes", () => {
  const account = { user: { id: "deepa" }, accessToken: "a", refreshToken: null, expiresAt: null };

  it("is remembered on the way to the payment's provider and back", async () => {
    const asked = clinic(() => undefined);
    localStorage.setItem("clinic-queue.patient.t", JSON.stringify(account));
    kept("hold", { ...hold(), doctor: mehta, anyone: null, asGuest: false });
    (await openPages()).choose("mira", "Mira Iyer");
    const pages = await openPages({ path: "/book/pay" });
    expect(pages.comes.value?.name).toBe("Mira Iyer");
    await pages.book();
    expect(asked.find(isBook)?.body).toMatchObject({ patient: { id: "mira" } });
  });

  it("is nobody of another account's family", async () => {
    clinic(() => undefined);
    localStorage.setItem("clinic-queue.patient.t", JSON.stringify(account));
    (await openPages()).choose("mira", "Mira Iyer");
    const other = { ...account, user: { id: "somebody else" } };
    localStorage.setItem("clinic-queue.patient.t", JSON.stringify(other));
    expect((await openPages()).comes.value).toBeNull();
  });
});

describe("a follow-up", () => {
  const account = { user: { id: "deepa" }, accessToken: "a", refreshToken: null, expiresAt: null };
  const fees = { currency: "EUR", consultation: 4000, followUp: 2400, tele: null };
  const mine = { doctor: { ...mehta, fees }, anyone: null, asGuest: false };
  const seen = {
    id: "then",
    start: "2026-02-01T23:30:00Z",
    timezone: "Asia/Kolkata",
    doctorId: "mehta",
    doctorName: "Dr Mehta",
  };

  /** Deepa has signed in, comes herself, and follows up what was then. */
  async function followingUp() {
    localStorage.setItem("clinic-queue.patient.t", JSON.stringify(account));
    kept("hold", { ...hold(), ...mine });
    const pages = await openPages();
    pages.choose("", "Deepa Iyer");
    pages.setFollowUp(seen);
    return pages;
  }

  it("is named to who is paid and to who books, and costs what those cost", async () => {
    const asked = clinic(() => undefined);
    await followingUp();
    const pages = await openPages({ path: "/book/pay" });
    expect(pages.due.value).toBe(2400);
    await pages.pay();
    await pages.book();
    const said = { visitType: "follow_up", followUpOf: "then" };
    expect(asked.find(({ path }) => path === "/api/payments")?.body).toMatchObject(said);
    expect(asked.find(isBook)?.body).toMatchObject(said);
  });

  it("stays one while the same person comes, and is none of another's", async () => {
    clinic(() => undefined);
    const pages = await followingUp();
    pages.choose("", "Deepa Iyer");
    expect(pages.followUp.value?.id).toBe("then");
    pages.choose("mira", "Mira Iyer");
    expect(pages.followUp.value).toBeNull();
    pages.choose("", "Deepa Iyer");
    expect(pages.kind.value).toEqual({ visitType: "consultation" });
  });

  it.each([
    ["a guest's", { asGuest: true }],
    ["another doctor's", { doctor: { ...mehta, id: "haddad" } }],
  ])("is no visit of %s time", async (_, changed: object) => {
    const asked = clinic(() => undefined);
    const pages = await followingUp();
    if (pages.held.value) pages.held.value = { ...pages.held.value, ...changed };
    await pages.book();
    expect(asked.find(isBook)?.body).toMatchObject({ visitType: "consultation" });
    expect(asked.find(isBook)?.body).not.toHaveProperty("followUpOf");
  });

  it("is forgotten once it is booked", async () => {
    clinic(() => undefined);
    const pages = await followingUp();
    await pages.book();
    pages.held.value = { ...hold(), ...mine } as unknown as typeof pages.held.value;
    pages.choose("", "Deepa Iyer");
    expect(pages.followUp.value).toBeNull();
  });

  it("that the server refuses becomes a consultation at the same time", async () => {
    const refusal = { status: 409, code: "conflict", field: "followUpOf" };
    clinic((one) => (isBook(one) || one.path === "/api/payments" ? refusal : undefined));
    const pages = await followingUp();
    await pages.book();
    expect(pages.held.value?.holdId).toBe("h");
    expect(pages.failure.value).toBe("follow_up_gone");
    expect(pages.due.value).toBe(4000);
    pages.setFollowUp(seen);
    await pages.pay();
    expect(pages.payFailure.value).toBe("follow_up_gone");
    expect(pages.due.value).toBe(4000);
  });

  it("is not paid on the page that was made for a consultation", async () => {
    const begun = { id: "p", holdId: "h", status: "pending", amount: 2400, payUrl: null };
    clinic((one) => (one.path === "/api/payments" ? { data: begun } : undefined));
    const pages = await followingUp();
    await pages.pay();
    expect(pages.isOpen.value).toBe(true);
    pages.setFollowUp(null);
    expect(pages.isOpen.value).toBe(false);
  });

  it("says which visit it follows up by its date where that was, and of others with whom", async () => {
    clinic(() => undefined);
    const pages = await followingUp();
    expect(pages.named(seen, "mehta")).toBe("February 2, 2026");
    expect(pages.named(seen, "haddad")).toBe("February 2, 2026, Dr Mehta");
  });
});

describe("a booking that is refused", () => {
  it.each([
    ["hold_expired", undefined, "expired"],
    ["slot_unavailable", undefined, "expired"],
    ["slot_blocked", undefined, "error_slot_blocked"],
    ["slot_past", undefined, "error_slot_past"],
    ["queue_closed", undefined, "error_queue_closed"],
    ["conflict", "holdId", "gone"],
    ["conflict", undefined, "error_conflict"],
    ["not_found", "holdId", "gone"],
  ])("with %s (%s) offers another time", async (code, field, why) => {
    const answer = { status: 409, code, ...(field && { field }) };
    clinic((one) => (isBook(one) ? answer : undefined));
    kept("hold", { ...hold(), doctor: mehta, anyone: null, asGuest: true });
    const pages = await openPages();
    await pages.book();
    expect(pages.held.value).toBeNull();
    expect(pages.offer.value).toMatchObject({ why, instead: { id: "09:20" } });
  });

  it("because the clinic is full offers another day, and gives the place free", async () => {
    const asked = clinic((one) => {
      if (isBook(one)) return { status: 409, code: "capacity_reached" };
      if (one.path === "/api/slots/days") return { data: [{ date: "2026-03-04", free: 1 }] };
      if (one.query.get("from") === "2026-03-04") return { data: [slot("2026-03-04T10:00")] };
      return undefined;
    });
    kept("hold", { ...hold(), doctor: mehta, anyone: null, asGuest: true });
    const pages = await openPages();
    await pages.book();
    expect(pages.offer.value).toMatchObject({
      why: "error_capacity_reached",
      instead: { id: "2026-03-04T10:00" },
    });
    expect(asked.some(({ method }) => method === "DELETE")).toBe(true);
  });

  it.each([
    ["validation_failed", "patient.phone"],
    ["not_found", "patient.id"],
    ["too_many_requests", undefined],
  ])("with %s (%s) keeps what is held", async (code, field) => {
    const answer = { status: 422, code, ...(field && { field }) };
    clinic((one) => (isBook(one) ? answer : undefined));
    kept("hold", { ...hold(), doctor: mehta, anyone: null, asGuest: true });
    const pages = await openPages();
    await pages.book();
    expect(pages.held.value?.holdId).toBe("h");
    expect(pages.failure.value).not.toBe("");
    expect(pages.offer.value).toBeNull();
  });
});

describe("the first hold of a guest", () => {
  it("is asked for again with the same token when its answer is lost", async () => {
    let answers = 0;
    const asked = clinic((one) => (one.method === "POST" && answers++ === 0 ? "none" : undefined));
    const pages = await openPages({ path: "/book" });
    await pages.take(slot("09:00"), "in_person", mehta);
    expect(pages.mistake.value).toBe("no_answer");
    await pages.take(slot("09:00"), "in_person", mehta);
    expect(pages.held.value?.holdId).toBe("h");
    const tokens = asked
      .filter(({ method }) => method === "POST")
      .map(({ headers }) => headers.get("X-Session-Token"));
    expect(tokens[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(tokens[1]).toBe(tokens[0]);
  });
});

describe("a time that cannot be held", () => {
  it.each([
    ["slot_unavailable", "lost"],
    ["slot_blocked", "error_slot_blocked"],
  ])("with %s: another one is offered", async (code, why) => {
    clinic((one) => (one.method === "POST" ? { status: 409, code } : undefined));
    const pages = await openPages({ path: "/book/doctors/mehta" });
    await pages.take(slot("09:00"), "in_person", mehta);
    expect(pages.offer.value).toMatchObject({ why, instead: { id: "09:20" } });
    expect(pages.offeredAt.value).toBe("/book/doctors/mehta");
  });

  it("says that it could not look for another one, and looks again", async () => {
    let isReachable = false;
    clinic((one) => {
      if (one.method === "POST") return { status: 409, code: "slot_unavailable" };
      return isReachable ? undefined : "none";
    });
    const pages = await openPages({ path: "/book/doctors/mehta" });
    await pages.take(slot("09:00"), "in_person", mehta);
    const made = pages.offer.value;
    expect(made).toMatchObject({ hasFailed: true });
    expect(made?.instead).toBeUndefined();
    isReachable = true;
    if (made) await pages.lookNearby(made);
    expect(pages.offer.value?.instead?.id).toBe("09:20");
    expect(pages.offer.value?.hasFailed).toBeUndefined();
  });
});
