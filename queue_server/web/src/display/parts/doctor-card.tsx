import type { DisplayQueue } from "../../generated/contract";
import { words } from "../model/words";

const NEXT = 3;

/** One doctor: room, delay, and the tickets that are next. */
export function DoctorCard({ queue }: { queue: DisplayQueue }) {
  const { doctor, room, delayMinutes, paused, closed } = queue.header;
  const byId = new Map(queue.entries.map((entry) => [entry.id, entry]));
  const next = queue.line
    .flatMap((id) => byId.get(id) ?? [])
    .filter((entry) => entry.state === "waiting")
    .slice(0, NEXT);
  const state = [delayMinutes > 0 && words.delay(delayMinutes), paused && words.paused];
  return (
    <section class="doctor">
      <h2>{doctor.name}</h2>
      <p class="doctor-where">{[room, ...state].filter(Boolean).join(" · ")}</p>
      {closed || next.length === 0 ? (
        <p class="doctor-none">{closed ? words.closed : words.nobody}</p>
      ) : (
        <ol>
          {next.map((entry) => (
            <li key={entry.id}>{entry.ticket}</li>
          ))}
        </ol>
      )}
    </section>
  );
}
