import { now } from "../state/clock";
import { queues } from "../state/screen";
import { DoctorCard } from "./doctor-card";

const ROOMY = 5;
const MOST = 12;
const TURN_MS = 12_000;

/** Who is next, doctor by doctor; with very many doctors the pages take turns. */
export function Rail() {
  const all = queues.value;
  const pages = Math.ceil(all.length / MOST);
  const page = pages > 1 ? Math.floor(now.value / TURN_MS) % pages : 0;
  const shown = all.slice(page * MOST, (page + 1) * MOST);
  return (
    <aside class={all.length > ROOMY ? "rail rail-dense" : "rail"}>
      {shown.map((queue) => (
        <DoctorCard key={queue.doctorId} queue={queue} />
      ))}
      {pages > 1 && (
        <p class="rail-page">
          {page + 1} / {pages}
        </p>
      )}
    </aside>
  );
}
