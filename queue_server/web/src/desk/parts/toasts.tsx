import { now } from "../../shared/clock";
import { countdown } from "../../shared/time";
import { undo } from "../state/commands";
import { isLive } from "../state/live";
import { pageAddress, toRebook } from "../state/rebook";
import { dismiss, type Toast, toasts, undoableUntil } from "../state/toasts";
import { Kbd } from "./kbd";

/** What was just done, each with its undo while that is possible. */
export function Toasts() {
  const shown = toasts.value;
  const newest = shown.filter((toast) => undoableUntil(toast) > 0).at(-1)?.id;
  return (
    <section class="toasts" aria-label="Recent actions">
      {shown.map((toast) => (
        <ToastView key={toast.id} toast={toast} newest={toast.id === newest} />
      ))}
    </section>
  );
}

function ToastView({ toast, newest }: { toast: Toast; newest: boolean }) {
  const until = undoableUntil(toast);
  const { lane, version } = toast;
  const canUndo = until > 0 && lane !== undefined && version !== undefined;
  return (
    <div class={`toast toast-${toast.tone}`}>
      <p>
        {toast.tone === "refused" && <strong>Not done. </strong>}
        {toast.text}
      </p>
      {toast.vacancy && toRebook.value !== null && (
        <a class="button toast-button" href={`${pageAddress("waitlist")}&vacancy=${toast.vacancy}`}>
          Waitlist
        </a>
      )}
      {canUndo && (
        <button
          type="button"
          class="toast-button"
          disabled={!isLive.value}
          aria-keyshortcuts={newest ? "Z" : undefined}
          onClick={() => void undo(lane, version)}
        >
          Undo<span class="sr-only">: {toast.text}</span> {newest && <Kbd>Z</Kbd>}
          <span class="toast-left" aria-hidden="true">
            {countdown(until - now.value)}
          </span>
        </button>
      )}
      {toast.tone === "refused" && (
        <button type="button" class="toast-button" onClick={() => dismiss(toast.id)}>
          Close
        </button>
      )}
    </div>
  );
}
