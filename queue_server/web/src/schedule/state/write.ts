import { post, put, remove } from "../../staff/rest";
import type { Preview } from "../wire";

/** A write that can be tried before it is done. */
export interface TriedWrite {
  method: "POST" | "PUT" | "DELETE";
  path: string;
  body?: unknown;
  /** The version that was read; the server refuses with 412 when there is a newer one. */
  version?: number | undefined;
}

/** Ask what a write would do; nothing is kept. */
export async function tryOut(write: TriedWrite): Promise<Preview> {
  const path = `${write.path}${write.path.includes("?") ? "&" : "?"}dryRun=true`;
  const { preview } = await perform<{ preview: Preview | null }>({ ...write, path });
  return preview ?? { slotsAdded: 0, slotsRemoved: 0, slotsKept: 0, patientsAffected: [] };
}

/** Do it. */
export function perform<T>({ method, path, body, version }: TriedWrite): Promise<T> {
  if (method === "DELETE") return remove<T>(path, { version });
  return method === "PUT" ? put<T>(path, body, { version }) : post<T>(path, body, { version });
}
