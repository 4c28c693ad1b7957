import type { Told } from "../model/notices";
import { words } from "../model/words";
import { announcing, calls } from "../state/calls";
import { Stale } from "./stale";
import { TopLine } from "./top-line";

/** An urgent broadcast takes the screen; whoever is called meanwhile still sees it below. */
export function Emergency({ notices }: { notices: Told[] }) {
  const call = announcing.value ?? calls.value.find((one) => one.isOpen);
  return (
    <div class="board emergency">
      <TopLine />
      <Stale />
      <main class="emergency-text" aria-live="assertive">
        <h1>
          <span aria-hidden="true">⚠</span> {words.important}
        </h1>
        {notices.slice(0, 2).map((told) => (
          <p key={told.message} dir="auto">
            {told.doctors.length > 0 && <span class="about">{told.doctors.join(", ")}</span>}
            {told.message}
          </p>
        ))}
      </main>
      <footer class="recent">
        {call && (
          <p>
            {words.nowCalling} <b>{call.ticket}</b> → <b>{call.room}</b>
          </p>
        )}
      </footer>
    </div>
  );
}
