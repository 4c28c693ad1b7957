import { signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { openStaffSocket } from "../../shared/staff-socket";
import { session } from "../../staff/account";

/** How the news of a waitlist come. */
export interface Told {
  /** Counts them. */
  news: number;
  /** Whether they come by themselves; else the list is to be read now and then. */
  isTold: boolean;
}

/** Be told of a clinic's waitlist, or of all one may see, while it is looked at. */
export function useTold(clinicId: string | null): Told {
  const state = useMemo(() => signal<Told>({ news: 0, isTold: false }), []);
  useEffect(() => {
    const socket = openStaffSocket(session);
    const stop = [
      socket.waitlistNews.subscribe((news) => (state.value = { ...state.peek(), news })),
      socket.isWaitlistTold.subscribe((isTold) => (state.value = { ...state.peek(), isTold })),
    ];
    socket.followWaitlist(clinicId ? [clinicId] : []);
    return () => {
      for (const end of stop) end();
      socket.close();
    };
  }, [clinicId]);
  return state.value;
}
