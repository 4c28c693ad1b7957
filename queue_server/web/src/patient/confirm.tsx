import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

export interface ConfirmProps {
  question: string;
  yes: string;
  no: string;
  isGrave?: boolean;
  isBusy?: boolean;
  mayConfirm?: boolean;
  children?: ComponentChildren;
  onYes: () => void;
  onNo: () => void;
}

/** A question before something that cannot simply be undone. Escape means no. */
export function Confirm(props: ConfirmProps) {
  const { question, yes, no, isGrave, isBusy, mayConfirm = true, children, onYes, onNo } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="confirm"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onNo();
      }}
    >
      <h2 id={id}>{question}</h2>
      {children}
      <div class="buttons">
        <button
          type="button"
          class={isGrave ? "primary-danger" : "primary"}
          disabled={isBusy || !mayConfirm}
          onClick={onYes}
        >
          {yes}
        </button>
        <button type="button" onClick={onNo}>
          {no}
        </button>
      </div>
    </dialog>
  );
}
