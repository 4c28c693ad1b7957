import { ownNow } from "../../shared/clock";
import { age } from "../../shared/time";
import { heardAt, isLive } from "../state/live";

/** Whether what the desk shows is live, and how old it is if not. */
export function Connection() {
  if (isLive.value) {
    return (
      <p class="connection connection-live" role="status">
        <span class="dot" aria-hidden="true" /> Live
      </p>
    );
  }
  const since = age(heardAt.value, ownNow());
  return (
    <p class="connection connection-lost" role="status">
      <span class="dot" aria-hidden="true" /> No connection
      {heardAt.value > 0 && <span aria-hidden="true"> · as of {since}</span>}
    </p>
  );
}
