import { age } from "../model/age";
import { words } from "../model/words";
import { now } from "../state/clock";
import { heardAt, isLive } from "../state/screen";

/** Says that the screen has lost the server, and how old what it shows is. */
export function Stale() {
  if (isLive.value) return null;
  return (
    <p class="stale" role="status">
      <b>{words.reconnecting}</b>{" "}
      {heardAt.value > 0 && (
        <span aria-hidden="true">{words.old(age(now.value - heardAt.value))}</span>
      )}
    </p>
  );
}
