import { useEffect, useState } from "preact/hooks";
import type { StaffQueue } from "../../generated/contract";
import { read } from "./api";
import { shown } from "./board";

/** A queue for a page of its own: the live lane if the desk holds it, else fetched. */
export function useQueue(doctorId: string, date: string): [StaffQueue | null, string] {
  const live = shown.value.get(doctorId);
  const held = live && (date === "" || live.date === date) ? live : null;
  const [fetched, setFetched] = useState<StaffQueue | null>(null);
  const [failure, setFailure] = useState("");
  const missing = held === null;
  useEffect(() => {
    if (!missing) return;
    const query = new URLSearchParams(date ? { date } : {});
    read<StaffQueue>(`/api/appointments/queue/state/${encodeURIComponent(doctorId)}?${query}`)
      .then(setFetched)
      .catch((error: Error) => setFailure(error.message));
  }, [doctorId, date, missing]);
  return [held ?? fetched, failure];
}
