import { setServerTime } from "../../shared/clock";
import { session } from "./account";

/** Read from the server as whoever is signed in; throws with a sentence when it fails. */
export async function read<T>(path: string): Promise<T> {
  const { data, date } = await session.request<T>(path);
  if (date) setServerTime(date);
  return data;
}

/** Write to the server; throws with its reason when it refuses. */
export async function write<T>(method: string, path: string, body: unknown): Promise<T> {
  return (await session.request<T>(path, { method, body })).data;
}
