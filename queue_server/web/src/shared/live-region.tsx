import { assertive, polite } from "./announce";

/** What the screen says aloud. */
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
