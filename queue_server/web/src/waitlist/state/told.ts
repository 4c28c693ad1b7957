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

/** Be told of the waitlists of these clinics while they are looked at. */
export function useTold(clinicIds: readonly string[]): Told {
  const state = useMemo(() => signal<Told>({ news: 0, isTold: false }), []);
  useEffect(() => {
    if (clinicIds.length === 0) return;
    const socket = openStaffSocket(session);
    const stop = [
      socket.waitlistNews.subscribe((news) => (state.value = { ...state.peek(), news })),
      socket.isWaitlistTold.subscribe((isTold) => (state.value = { ...state.peek(), isTold })),
    ];
    socket.followWaitlist(clinicIds);
    return () => {
      for (const end of stop) end();
      socket.close();
    };
  }, [clinicIds.join()]);
  return state.value;
}
