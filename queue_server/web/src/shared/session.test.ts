// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { NoAnswer, Refused } from "./http";
import { keepSession } from "./session";

const fetched = vi.fn<typeof fetch>();
const user = { id: "u", name: "Rita", role: "receptionist", clinicIds: [] };
let issued = 0;
let known = new Set<string>();

/** A server whose refresh tokens work once. */
async function server(path: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const body = init?.body ? JSON.parse(String(init.body)) : {};
  const token = new Headers(init?.headers).get("Authorization");
  if (path === "/api/auth/login") return signedIn();
  if (path === "/api/auth/refresh") {
    return known.delete(body.refreshToken) ? signedIn() : refused(401);
  }
  if (path === "/api/auth/logout") return new Response(null, { status: 204 });
  return token === `Bearer access-${issued}` ? answer({ seen: token }) : refused(401);
}

function signedIn(): Response {
  issued++;
  known.add(`refresh-${issued}`);
  const tokens = { accessToken: `access-${issued}`, refreshToken: `refresh-${issued}` };
  return answer({ ...tokens, expiresIn: 900, user });
}

function answer(data: unknown): Response {
  return new Response(JSON.stringify({ data, meta: {} }));
}

function refused(status: number): Response {
  return new Response(JSON.stringify({ title: "No", detail: "Not so.", code: "x" }), { status });
}

beforeEach(() => {
  issued = 0;
  known = new Set();
  localStorage.clear();
  vi.stubGlobal("fetch", fetched);
  fetched.mockReset().mockImplementation(server);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("keeps who signed in, for the next page too", async () => {
  await keepSession("desk").signIn("rita@clinic.example", "secret");
  expect(keepSession("desk").current.value?.user.name).toBe("Rita");
  expect(keepSession("display").current.value).toBeNull();
});

it("renews a token that was refused and tries once more", async () => {
  const session = keepSession("desk");
  await session.signIn("rita@clinic.example", "secret");
  issued = 5; // the server has forgotten access-1
  const { data } = await session.request<{ seen: string }>("/api/auth/me");
  expect(data.seen).toBe("Bearer access-6");
});

it("renews once for many requests", async () => {
  const session = keepSession("desk");
  await session.signIn("rita@clinic.example", "secret");
  issued = 5;
  await Promise.all([1, 2, 3].map(() => session.request("/api/auth/me")));
  const renewals = fetched.mock.calls.filter(([path]) => path === "/api/auth/refresh");
  expect(renewals).toHaveLength(1);
});

it("takes the token that another tab has renewed", async () => {
  const one = keepSession("desk");
  await one.signIn("rita@clinic.example", "secret");
  const other = keepSession("desk");
  await Promise.all([one.renew(), other.renew()]);
  expect(issued).toBe(2);
  expect(other.current.value?.accessToken).toBe("access-2");
});

it("signs out when the refresh token is not taken any more", async () => {
  const session = keepSession("desk");
  await session.signIn("rita@clinic.example", "secret");
  known.clear();
  await expect(session.renew()).rejects.toBeInstanceOf(Refused);
  expect(session.current.value).toBeNull();
});

it("stays signed in while the network is away", async () => {
  const session = keepSession("desk");
  await session.signIn("rita@clinic.example", "secret");
  fetched.mockRejectedValue(new TypeError("network"));
  await expect(session.request("/api/auth/me")).rejects.toBeInstanceOf(NoAnswer);
  await expect(session.renew()).rejects.toBeInstanceOf(NoAnswer);
  expect(session.current.value).not.toBeNull();
});

it("tells the server's reason", async () => {
  const session = keepSession("desk");
  fetched.mockResolvedValue(refused(422));
  await expect(session.signIn("a", "b")).rejects.toThrow("Not so.");
});
