import { type ReadonlySignal, signal } from "@preact/signals";
import type { AccountView, SignedIn } from "../generated/contract";
import { type Answered, type Call, Refused, send } from "./http";
import { alone } from "./lock";

/** Access tokens are replaced this long before they expire. */
const EARLY_MS = 30_000;

export interface Session {
  accessToken: string;
  /** Null for a token that was handed in ready-made: it cannot be renewed. */
  refreshToken: string | null;
  /** Milliseconds since 1970, by this machine's clock. */
  expiresAt: number;
  user: AccountView;
}

export interface SessionKeeper {
  /** Who is signed in; null when nobody is. */
  current: ReadonlySignal<Session | null>;
  signIn(email: string, password: string): Promise<Session>;
  /** Take a ready-made access token; throws `Refused` when the server does not know it. */
  adopt(accessToken: string): Promise<Session>;
  /** Keep a session that the server has begun. */
  begin(signedIn: SignedIn): Session;
  signOut(): Promise<void>;
  /** An access token that is still good; throws `Refused` (401) when nobody is signed in. */
  accessToken(): Promise<string>;
  /** Replace the access token, even one that looks good. */
  renew(): Promise<string>;
  /** Send a request as this account; renews the token and tries once more on 401. */
  request<T>(path: string, call?: Call): Promise<Answered<T>>;
}

/** Keep a session under `name` in this browser; every tab of it shares the session. */
export function keepSession(name: string): SessionKeeper {
  const key = `clinic-queue.${name}`;
  const current = signal<Session | null>(stored(key));
  addEventListener("storage", (event) => {
    if (event.key === key || event.key === null) current.value = stored(key);
  });

  function keep(session: Session | null): void {
    current.value = session;
    if (session) localStorage.setItem(key, JSON.stringify(session));
    else localStorage.removeItem(key);
  }

  async function signIn(email: string, password: string): Promise<Session> {
    const body = { email, password };
    const { data } = await send<SignedIn>("/api/auth/login", { method: "POST", body });
    return begin(data);
  }

  function begin(signedIn: SignedIn): Session {
    const session = sessionOf(signedIn);
    keep(session);
    return session;
  }

  async function adopt(accessToken: string): Promise<Session> {
    const { data: user } = await send<AccountView>("/api/auth/me", { token: accessToken });
    const session = { accessToken, refreshToken: null, expiresAt: Infinity, user };
    keep(session);
    return session;
  }

  async function signOut(): Promise<void> {
    const session = current.value;
    keep(null);
    if (!session?.refreshToken) return;
    const body = { refreshToken: session.refreshToken };
    const token = session.accessToken;
    await send("/api/auth/logout", { method: "POST", body, token }).catch(() => undefined);
  }

  async function accessToken(): Promise<string> {
    const session = current.value;
    if (!session) throw signedOut();
    const isGood = session.refreshToken === null || session.expiresAt - EARLY_MS > Date.now();
    return isGood ? session.accessToken : renew();
  }

  let renewing: Promise<string> | null = null;

  /** One renewal at a time in this tab, and one tab at a time: a refresh token works once. */
  function renew(): Promise<string> {
    const old = current.value?.accessToken;
    renewing ??= alone(key, () => replace(old)).finally(() => {
      renewing = null;
    });
    return renewing;
  }

  async function replace(old: string | undefined): Promise<string> {
    const session = stored(key) ?? current.value;
    if (!session) throw signedOut();
    if (session.accessToken !== old) {
      current.value = session; // another tab was faster
      return session.accessToken;
    }
    if (session.refreshToken === null) {
      keep(null);
      throw signedOut();
    }
    try {
      const body = { refreshToken: session.refreshToken };
      const { data } = await send<SignedIn>("/api/auth/refresh", { method: "POST", body });
      keep(sessionOf(data));
      return data.accessToken;
    } catch (error) {
      if (error instanceof Refused && error.problem.status === 401) keep(null);
      throw error;
    }
  }

  async function request<T>(path: string, call: Call = {}): Promise<Answered<T>> {
    try {
      return await send<T>(path, { ...call, token: await accessToken() });
    } catch (error) {
      const isExpired = error instanceof Refused && error.problem.status === 401;
      if (!isExpired || !current.value) throw error;
      return send<T>(path, { ...call, token: await renew() });
    }
  }

  return { current, signIn, adopt, begin, signOut, accessToken, renew, request };
}

function sessionOf(data: SignedIn): Session {
  return {
    accessToken: data.accessToken,
    refreshToken: data.refreshToken,
    expiresAt: Date.now() + data.expiresIn * 1000,
    user: data.user,
  };
}

function stored(key: string): Session | null {
  try {
    const session = JSON.parse(localStorage.getItem(key) ?? "null") as Session | null;
    // JSON has no Infinity: it comes back as null.
    return session && { ...session, expiresAt: session.expiresAt ?? Infinity };
  } catch {
    return null;
  }
}

function signedOut(): Refused {
  return new Refused({
    type: "about:blank",
    title: "Please sign in",
    status: 401,
    detail: "Please sign in.",
    code: "unauthenticated",
    errors: [],
  });
}
