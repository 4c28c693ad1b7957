import { words } from "../model/words";
import { announcing, calls } from "../state/calls";

const SHOWN = 4;

/** For whoever looked up too late. */
export function Recent() {
  const big = announcing.value ?? calls.value.find((one) => one.isOpen);
  const others = calls.value.filter((call) => call.id !== big?.id).slice(0, SHOWN);
  return (
    <footer class="recent">
      {others.length > 0 && (
        <>
          <h2>{words.recent}</h2>
          <ul>
            {others.map((call) => (
              <li key={call.id}>
                {call.ticket} → {call.room}
              </li>
            ))}
          </ul>
        </>
      )}
    </footer>
  );
}
