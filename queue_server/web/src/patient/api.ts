import { setServerTime } from "../shared/clock";
import { type Answered, type Call, NoAnswer, Refused, send } from "../shared/http";
import { keepSession } from "../shared/session";
import { isSaid, known, t, tenantId } from "./known";

/** The account of who has signed in here on this device, if anybody has. */
export const session = keepSession(`patient.${tenantId}`);

const GUEST = "booking.session";

/** What shows the server that a hold is ours, without an account; ends with the tab. */
export const guest = {
  get token(): string | null {
    return sessionStorage.getItem(GUEST);
  },
  keep(token: string): void {
    sessionStorage.setItem(GUEST, token);
  },
};

/** Ask what everybody may know. */
export async function look<T>(path: string, query: Record<string, string> = {}) {
  const asked = new URLSearchParams(query).toString();
  const headers = { "X-Tenant-Id": tenantId, "Accept-Language": known.language };
  const answer = await send<T>(asked ? `${path}?${asked}` : path, { headers });
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
  const token = guest.token;
  return send<T>(path, {
    ...call,
    headers: { ...headers, "X-Tenant-Id": tenantId, ...(token && { "X-Session-Token": token }) },
  });
}

/** What went wrong, in the reader's language where we have words for it. */
export function trouble(error: unknown): string {
  if (error instanceof NoAnswer) return t("no_answer");
  if (!(error instanceof Refused)) throw error;
  const said = `error_${error.problem.code}`;
  return isSaid(said) ? t(said) : error.message;
}

/** Whether the server refused with this code. */
export function isRefusal(error: unknown, ...codes: string[]): boolean {
  return error instanceof Refused && codes.includes(error.problem.code);
}
