import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Draft } from "./draft";
import { useUnsaved } from "./unsaved";

interface DraftFormProps<T extends object> {
  draft: Draft<T>;
  /** What the button says, and what it says while it works. */
  save: string;
  saving?: string;
  onSave: (value: T, key: string) => Promise<unknown>;
  onDone?: () => void;
  /** Reads what is there now, for when somebody else changed it meanwhile. */
  readNow?: () => Promise<T>;
  /** What the fields are called, for telling which of them somebody else changed. */
  words?: Readonly<Record<string, string>>;
  /** Closes the dialog; without it what was typed can be discarded. */
  onCancel?: () => void;
  /** Whether saving makes sense although nothing was typed, as for something new. */
  isNew?: boolean;
  readOnly?: boolean;
  /** Whether it is longer than a screen: then its buttons stay in sight. */
  isLong?: boolean;
  label?: string;
  children: ComponentChildren;
}

/** A form of a draft: refusals stand at their fields, and the first of them gets the focus. */
export function DraftForm<T extends object>(props: DraftFormProps<T>) {
  const { draft, save, saving = "Saving…", onSave, onDone, onCancel } = props;
  const { isNew = false, readOnly, isLong, label, children } = props;
  const form = useRef<HTMLFormElement>(null);
  const failure = draft.failure.value;

  useEffect(() => {
    if (failure === null) return;
    const wrong = form.current?.querySelector<HTMLElement>("[aria-invalid='true']");
    (wrong ?? form.current?.querySelector<HTMLElement>(".failure"))?.focus();
  }, [failure]);

  // What is being saved may lead elsewhere by itself.
  const isUnsaved = useCallback(
    () => !readOnly && draft.isDirty.peek() && !draft.isBusy.peek(),
    [draft, readOnly],
  );
  useUnsaved(isUnsaved);

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (draft.isBusy.value) return;
    if (await draft.submit(onSave)) onDone?.();
  };
  const isIdle = !isNew && !draft.isDirty.value;
  const isBusy = draft.isBusy.value;
  return (
    <form
      ref={form}
      class="form"
      aria-label={label}
      noValidate
      onSubmit={(event) => void submit(event)}
    >
      {failure && (
        <div class="failure" role="alert" tabIndex={-1}>
          {failure.isStale && props.readNow ? (
            <Stale draft={draft} readNow={props.readNow} words={props.words ?? {}} />
          ) : (
            <>
              <p>{failure.text}</p>
              <Elsewhere draft={draft} said={failure.text} />
            </>
          )}
        </div>
      )}
      <fieldset class="form" disabled={readOnly}>
        {children}
      </fieldset>
      {!readOnly && (
        <div
          class={
            isLong ? "modal-actions form-actions form-actions-stay" : "modal-actions form-actions"
          }
        >
          <button type="submit" class="primary" disabled={isBusy || isIdle}>
            {isBusy ? saving : save}
          </button>
          {onCancel && (
            <button type="button" onClick={onCancel}>
              Cancel
            </button>
          )}
          {!onCancel && draft.isDirty.value && (
            <button
              type="button"
              disabled={isBusy}
              onClick={() => draft.reset(draft.started.value)}
            >
              Discard
            </button>
          )}
          {isIdle && <span class="hint form-idle">Nothing to save.</span>}
        </div>
      )}
    </form>
  );
}

/** Reasons that belong to no field of the form, like what still needs a room. */
function Elsewhere<T extends object>({ draft, said }: { draft: Draft<T>; said: string }) {
  const reasons = draft.elsewhere().filter(({ message }) => !said.includes(message));
  if (reasons.length === 0) return null;
  return (
    <ul class="reasons">
      {reasons.map(({ field, message }) => (
        <li key={field + message}>{message}</li>
      ))}
    </ul>
  );
}

interface StaleProps<T extends object> {
  draft: Draft<T>;
  readNow: () => Promise<T>;
  words: Readonly<Record<string, string>>;
}

/** Somebody else was faster: which fields they changed, and whose words shall stand. */
function Stale<T extends object>({ draft, readNow, words }: StaleProps<T>) {
  const [now, setNow] = useState<T | null>(null);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    readNow().then(setNow, (error: Error) => setTrouble(error.message));
  }, []);
  if (trouble) return <p>What is there now could not be read: {trouble}</p>;
  if (now === null) return <p>Looking at what is there now…</p>;
  const changed = draft.changedBy(now).flatMap((field) => words[field] ?? []);
  const keepMine = (): void => {
    draft.merge(now);
    draft.settle();
  };
  return (
    <>
      <p>
        Somebody else was faster.{" "}
        {changed.length > 0
          ? `They changed: ${changed.join(", ")}.`
          : "They changed none of these fields."}
      </p>
      <div class="modal-actions">
        <button type="button" onClick={keepMine}>
          Keep what I typed
        </button>
        <button type="button" onClick={() => draft.reset(now)}>
          Take theirs
        </button>
      </div>
    </>
  );
}
