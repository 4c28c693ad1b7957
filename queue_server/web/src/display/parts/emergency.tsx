import type { Told } from "../model/notices";
import { words } from "../model/words";
import { announcing, calls } from "../state/calls";
import { Stale } from "./stale";
import { TopLine } from "./top-line";

/** More letters than this do not fit at the large size. */
const LONG = 160;

/** An urgent broadcast takes the screen; whoever is called meanwhile still sees it below. */
export function Emergency({ notices }: { notices: Told[] }) {
  const told = notices.slice(0, 2);
  const isLong = told.reduce((sum, one) => sum + one.message.length, 0) > LONG;
  const call = announcing.value ?? calls.value.find((one) => one.isOpen);
  return (
    <div class="board emergency">
      <TopLine />
      <Stale />
      <main
        class={isLong ? "emergency-text emergency-long" : "emergency-text"}
        aria-live="assertive"
      >
        <h1>
          <span aria-hidden="true">⚠</span> {words.important}
        </h1>
        {told.map(({ message, doctors }) => (
          <p key={message} dir="auto">
            {doctors.length > 0 && <span class="about">{doctors.join(", ")}</span>}
            {message}
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
