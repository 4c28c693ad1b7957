import { type Answered, type Call, Refused } from "../shared/http";
import { commandKey } from "../shared/key";
import { session } from "./account";

// The API as whoever is signed in. Everything throws `Refused` with the server's problem document,
// or `NoAnswer` when none came.

export interface Listed<T> {
  items: T[];
  /** The address of the next page; null on the last one. */
  next: string | null;
  /** How many there are altogether, where the server tells; else those of this page. */
  total: number;
}

export interface Write {
  /** The version that was seen; the server refuses with 412 when there is a newer one. */
  version?: number | undefined;
  /** The same key makes it safe to ask again when an answer got lost. */
  key?: string | undefined;
}

/** Read one thing. */
export async function get<T>(path: string): Promise<T> {
  return (await session.request<T>(path)).data;
}

export interface Versioned<T> {
  value: T;
  version: number;
}

/** Read one thing whose version comes only as its entity tag. */
export async function getVersioned<T>(path: string): Promise<Versioned<T>> {
  const { data, etag } = await session.request<T>(path);
  return { value: data, version: Number(/\d+/.exec(etag ?? "")?.[0] ?? 0) };
}

/** Read one page of a list. */
export async function list<T>(path: string): Promise<Listed<T>> {
  const { data, next, meta } = await session.request<T[]>(path);
  const total = typeof meta.total === "number" ? meta.total : data.length;
  return { items: data, next, total };
}

/** Read a whole list of what a tenant has few of: clinics, departments, rooms. */
export async function all<T>(path: string): Promise<T[]> {
  const found: T[] = [];
  let next: string | null = path;
  for (let page = 0; next !== null && page < MOST_PAGES; page++) {
    const answer: Listed<T> = await list<T>(next);
    found.push(...answer.items);
    next = answer.next;
  }
  return found;
}

const MOST_PAGES = 20;

/** Make something, or have something done. */
export function post<T>(path: string, body: unknown = {}, write: Write = {}): Promise<T> {
  return change<T>("POST", path, body, write);
}

/** Replace something. */
export function put<T>(path: string, body: unknown, write: Write = {}): Promise<T> {
  return change<T>("PUT", path, body, write);
}

/** Change parts of something; what is left out stays. */
export function patch<T>(path: string, body: unknown, write: Write = {}): Promise<T> {
  return change<T>("PATCH", path, body, write);
}

/** Remove something. */
export function remove<T = null>(path: string, write: Write = {}): Promise<T> {
  return change<T>("DELETE", path, undefined, write);
}

async function change<T>(method: string, path: string, body: unknown, write: Write): Promise<T> {
  const { version, key = commandKey() } = write;
  const headers = {
    "Idempotency-Key": key,
    ...(version !== undefined && { "If-Match": `"${version}"` }),
  };
  const call: Call = { method, headers, ...(body !== undefined && { body }) };
  const answered: Answered<T> = await session.request<T>(path, call);
  return answered.data;
}

/** Whether somebody else changed the same thing meanwhile. */
export function isStale(error: unknown): boolean {
  return error instanceof Refused && error.problem.status === 412;
}

/** Whether there is no such thing (any more), or it is not this account's to see. */
export function isMissing(error: unknown): boolean {
  return error instanceof Refused && error.problem.status === 404;
}

/** A query string of what is set; empty when nothing is. */
export function query(of: Record<string, string | number | null | undefined>): string {
  const set = Object.entries(of).filter(
    ([, value]) => value !== null && value !== undefined && value !== "",
  );
  const text = new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}
