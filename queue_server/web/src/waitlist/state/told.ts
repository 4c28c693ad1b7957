import { signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { openStaffSocket, type StaffSocket } from "../../shared/staff-socket";
import { session } from "../../staff/account";

/** How the news of a waitlist come. */
export interface Told {
  /** Counts them: somebody's entry is another than it was, or news may be missing. */
  news: number;
  /** Whether they come by themselves; else the list is to be read now and then. */
  isTold: boolean;
}

const UNTOLD: Told = { news: 0, isTold: false };
/** The server tells of so many at once; all others are read now and then. */
const MOST = 200;
const EVENTS = ["waitlist-update", "waitlist-order"];

/** Be told of the waitlists of these clinics over a connection that is open, while it is. */
export function useNews(socket: StaffSocket | null, clinicIds: readonly string[]): Told {
  const state = useMemo(() => signal(UNTOLD), []);
  useEffect(() => {
    state.value = { ...state.peek(), isTold: false };
    if (!socket || clinicIds.length === 0) return;
    return follow(socket, clinicIds.slice(0, MOST), (change) => {
      state.value = change(state.peek());
    });
  }, [socket, clinicIds.join()]);
  return state.value;
}

/** The same over a connection of its own. */
export function useTold(clinicIds: readonly string[]): Told {
  const opened = useMemo(() => signal<StaffSocket | null>(null), []);
  useEffect(() => {
    const socket = openStaffSocket(session);
    opened.value = socket;
    return () => socket.close();
  }, []);
  return useNews(opened.value, clinicIds);
}

function follow(
  { io, command }: StaffSocket,
  clinicIds: readonly string[],
  tell: (change: (old: Told) => Told) => void,
): () => void {
  const heard = (): void => tell((old) => ({ ...old, news: old.news + 1 }));
  const lost = (): void => tell((old) => ({ ...old, isTold: false }));
  const subscribe = async (): Promise<void> => {
    const answer = await command("subscribe-waitlist", { clinicIds }).catch(() => null);
    // What happened while nobody listened is told by nobody.
    tell(({ news }) => ({
      news: news + 1,
      isTold: answer?.ok === true && clinicIds.length < MOST,
    }));
  };
  const again = (): void => void subscribe();
  io.on("connect", again);
  io.on("disconnect", lost);
  for (const event of EVENTS) io.on(event, heard);
  addEventListener("offline", lost);
  if (io.connected) again();
  return () => {
    io.off("connect", again);
    io.off("disconnect", lost);
    for (const event of EVENTS) io.off(event, heard);
    removeEventListener("offline", lost);
  };
}
