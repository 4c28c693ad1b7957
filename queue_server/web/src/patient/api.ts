import { setServerTime } from "../shared/clock";
import {
  type Answered,
  type Call,
  FETCH_TIMEOUT_MS,
  NoAnswer,
  Refused,
  send,
} from "../shared/http";
import { commandKey } from "../shared/key";
import { keepSession } from "../shared/session";
import { isSaid, known, t, tenantId } from "./known";

/** The account of who has signed in here on this device, if anybody has. */
export const session = keepSession(`patient.${tenantId}`);

const GUEST = "booking.session";

/**
 * What shows the server that a hold is ours, without an account; ends with the tab. It is made
 * here: one that came with an answer would be lost with it, and the time would be held by nobody.
 */
export const guest = {
  get token(): string {
    const token = sessionStorage.getItem(GUEST) ?? commandKey();
    sessionStorage.setItem(GUEST, token);
    return token;
  },
};

/** Ask what everybody may know. */
export async function look<T>(
  path: string,
  query: Record<string, string> = {},
  timeoutMs = FETCH_TIMEOUT_MS,
) {
  const asked = new URLSearchParams(query).toString();
  const headers = { "X-Tenant-Id": tenantId, "Accept-Language": known.language };
  const answer = await send<T>(asked ? `${path}?${asked}` : path, { headers, timeoutMs });
  if (answer.date) setServerTime(answer.date);
  return answer;
}

/** Do something as who has signed in, or else (or with `asGuest`) as the guest of this tab. */
export async function act<T>(
  path: string,
  call: Call = {},
  asGuest = session.current.value === null,
): Promise<Answered<T>> {
  const headers = { "Accept-Language": known.language, ...call.headers };
  if (!asGuest) return session.request<T>(path, { ...call, headers });
  return send<T>(path, {
    ...call,
    headers: { ...headers, "X-Tenant-Id": tenantId, "X-Session-Token": guest.token },
  });
}

/** What went wrong, in the reader's language where we have words for it. */
export function trouble(error: unknown): string {
  if (error instanceof NoAnswer) return t("no_answer");
  if (!(error instanceof Refused)) throw error;
  const { code } = error.problem;
  const said = `error_${code}`;
  // The server's own words are English, and say of a value what is wrong with it.
  const isOurs = known.language !== "en" || (isSaid(said) && code !== "validation_failed");
  if (!isOurs) return error.message;
  return t(isSaid(said) ? said : "trouble");
}

/** The code of a refusal; empty when no answer came. */
export function codeOf(error: unknown): string {
  return error instanceof Refused ? error.problem.code : "";
}

/** Which part of what was sent the server refused, if it said so. */
export function fieldOf(error: unknown): string | undefined {
  return error instanceof Refused ? error.problem.errors[0]?.field : undefined;
}

/** Whether the server refused with this code. */
export function isRefusal(error: unknown, ...codes: string[]): boolean {
  return error instanceof Refused && codes.includes(error.problem.code);
}
