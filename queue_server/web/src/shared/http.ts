import type { Problem } from "../generated/contract";

/** How long an answer may take: a dead network must not look like a slow one. */
export const FETCH_TIMEOUT_MS = 8000;

/** The server refused, and said why. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
  }
}

/** No answer came: no network, no server, or it took too long. */
export class NoAnswer extends Error {
  constructor() {
    super("The server cannot be reached. Please try again.");
  }
}

export interface Call {
  method?: string;
  body?: unknown;
  token?: string;
  headers?: Record<string, string>;
  /** How long the answer may take, where that is not what is usual. */
  timeoutMs?: number;
}

export interface Answered<T> {
  data: T;
  meta: Record<string, unknown>;
  etag: string | null;
  /** The address of a list's next page, if there is one. */
  next: string | null;
  /** The server's clock, if it said so. */
  date: string | null;
}

/** Send one request; throws `Refused` with the server's problem document, or `NoAnswer`. */
export async function send<T>(path: string, call: Call = {}): Promise<Answered<T>> {
  const headers = new Headers({ Accept: "application/json", ...call.headers });
  if (call.body !== undefined) headers.set("Content-Type", "application/json");
  if (call.token) headers.set("Authorization", `Bearer ${call.token}`);
  const response = await fetch(path, {
    method: call.method ?? "GET",
    headers,
    ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
    cache: "no-store",
    signal: AbortSignal.timeout(call.timeoutMs ?? FETCH_TIMEOUT_MS),
  }).catch(() => {
    throw new NoAnswer();
  });
  const text = await response.text().catch(() => {
    throw new NoAnswer();
  });
  const body = parsed(text);
  if (!response.ok) throw new Refused(problemOf(response, body));
  return {
    data: (body as { data: T }).data,
    meta: (body as { meta?: Record<string, unknown> }).meta ?? {},
    etag: response.headers.get("ETag"),
    next: /<([^>]+)>;\s*rel="?next"?/.exec(response.headers.get("Link") ?? "")?.[1] ?? null,
    date: response.headers.get("Date"),
  };
}

function parsed(text: string): unknown {
  try {
    return text === "" ? { data: null } : JSON.parse(text);
  } catch {
    return null;
  }
}

/** What was refused and why, also when a proxy answered with a page of its own. */
function problemOf(response: Response, body: unknown): Problem {
  const said = (typeof body === "object" ? body : null) as Partial<Problem> | null;
  return {
    type: said?.type ?? "about:blank",
    title: said?.title ?? response.statusText,
    status: response.status,
    detail: said?.detail ?? `The server answered with status ${response.status}.`,
    code: said?.code ?? "unknown",
    errors: said?.errors ?? [],
    ...(said?.changes && { changes: said.changes }),
    ...(said?.entryId && { entryId: said.entryId }),
  };
}
