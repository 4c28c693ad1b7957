import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Draft } from "./draft";

interface DraftFormProps<T extends object> {
  draft: Draft<T>;
  /** What the button says, and what it says while it works. */
  save: string;
  saving?: string;
  onSave: (value: T, key: string) => Promise<unknown>;
  onDone?: () => void;
  /** Read what is there now, after somebody else changed it; the form begins anew with it. */
  onReload?: () => void;
  /** Take back what was typed, or close the dialog. */
  onCancel?: () => void;
  cancel?: string;
  /** Whether saving makes sense although nothing was typed, as for something new. */
  isNew?: boolean;
  readOnly?: boolean;
  label?: string;
  children: ComponentChildren;
}

/** A form of a draft: refusals stand at their fields, and the first of them gets the focus. */
export function DraftForm<T extends object>(props: DraftFormProps<T>) {
  const { draft, save, saving = "Saving…", onSave, onDone, onReload, onCancel } = props;
  const { cancel = "Cancel", isNew, readOnly, label, children } = props;
  const form = useRef<HTMLFormElement>(null);
  const failure = draft.failure.value;

  useEffect(() => {
    if (failure === null) return;
    const wrong = form.current?.querySelector<HTMLElement>("[aria-invalid='true']");
    (wrong ?? form.current?.querySelector<HTMLElement>(".failure"))?.focus();
  }, [failure]);

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (draft.isBusy.value) return;
    if (await draft.submit(onSave)) onDone?.();
  };
  const isIdle = !isNew && !draft.isDirty.value;
  return (
    <form ref={form} class="form" aria-label={label} onSubmit={(event) => void submit(event)}>
      {failure && (
        <div class="failure" role="alert" tabIndex={-1}>
          <p>{failure.text}</p>
          {failure.isStale && onReload && (
            <button type="button" onClick={onReload}>
              Load what is there now
            </button>
          )}
        </div>
      )}
      <fieldset class="form" disabled={readOnly}>
        {children}
      </fieldset>
      {!readOnly && (
        <div class="modal-actions form-actions">
          <button type="submit" class="primary" disabled={draft.isBusy.value || isIdle}>
            {draft.isBusy.value ? saving : save}
          </button>
          {onCancel && (
            <button type="button" onClick={onCancel} disabled={cancel === "Discard" && isIdle}>
              {cancel}
            </button>
          )}
          {isIdle && <span class="hint form-idle">All changes are saved.</span>}
        </div>
      )}
    </form>
  );
}
