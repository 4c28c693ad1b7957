import { assertive, polite } from "../state/announce";

/** What the desk says aloud. */
export function LiveRegion() {
  return (
    <div class="sr-only">
      <div role="status" aria-live="polite">
        {polite}
      </div>
      <div role="alert" aria-live="assertive">
        {assertive}
      </div>
    </div>
  );
}
