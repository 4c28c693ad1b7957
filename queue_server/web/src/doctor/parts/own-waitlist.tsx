import type { DoctorDetail } from "../../generated/contract";
import { useResource } from "../../staff/resource";
import { get } from "../../staff/rest";
import { WaitlistPanel } from "../../waitlist/parts/waitlist-panel";
import { useNews } from "../../waitlist/state/told";
import { useWaitlist } from "../../waitlist/state/use-waitlist";
import { isLive, socket } from "../state/live";

/** Who waits for this doctor or for anybody where they work; beside the queue all day. */
export function OwnWaitlist({ doctorId }: { doctorId: string }) {
  const path = `/api/doctors/${doctorId}`;
  const clinicIds = useResource(path, () => get<DoctorDetail>(path)).value?.clinicIds;
  const told = useNews(socket.value, clinicIds ?? []);
  const list = useWaitlist({ doctorId }, told.news, told.isTold);
  const count = list.entries.value?.length ?? 0;
  return (
    <section class="own-waitlist next" aria-labelledby="waitlist-title">
      <header class="next-head">
        <h2 id="waitlist-title">Waitlist</h2>
        <span class="hint">{count > 0 && `${count} waiting`}</span>
      </header>
      <WaitlistPanel
        scope={{ doctorId }}
        clinicIds={clinicIds ?? []}
        list={list}
        canAct={isLive.value}
        emptyWords="Whoever wants to see you sooner than a time is free appears here. Reception adds them at the desk, patients do when they book."
      />
    </section>
  );
}
