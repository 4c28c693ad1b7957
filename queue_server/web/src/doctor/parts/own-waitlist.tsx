import { WaitlistPanel } from "../../waitlist/parts/waitlist-panel";
import { useWaitlist } from "../../waitlist/state/use-waitlist";
import { isLive, isWaitlistTold, waitlistNews } from "../state/live";

/** Who waits for this doctor or for anybody where they work; beside the queue all day. */
export function OwnWaitlist({ doctorId }: { doctorId: string }) {
  const list = useWaitlist({ doctorId }, waitlistNews.value, isWaitlistTold.value);
  const count = list.entries.value?.length ?? 0;
  return (
    <section class="own-waitlist next" aria-labelledby="waitlist-title">
      <header class="next-head">
        <h2 id="waitlist-title">Waitlist</h2>
        <span class="hint">{count > 0 && `${count} waiting`}</span>
      </header>
      <WaitlistPanel
        scope={{ doctorId }}
        list={list}
        canAct={isLive.value}
        emptyWords="Whoever wants to see you sooner than a time is free appears here. Reception adds them at the desk, patients do when they book."
      />
    </section>
  );
}
