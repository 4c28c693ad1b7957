import { dismiss, toasts } from "./toasts";

/** What was just done or refused. The live region says it; this is for the eye. */
export function ToastList() {
  return (
    <section class="toasts" aria-label="Recent actions">
      {toasts.value.map((toast) => (
        <div key={toast.id} class={`toast toast-${toast.tone}`}>
          <p>
            {toast.tone === "refused" && <strong>Not done. </strong>}
            {toast.text}
          </p>
          {toast.tone === "refused" && (
            <button type="button" class="toast-button" onClick={() => dismiss(toast.id)}>
              Close
            </button>
          )}
        </div>
      ))}
    </section>
  );
}
