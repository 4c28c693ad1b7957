import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

export interface ModalProps {
  title: string;
  children: ComponentChildren;
  wide?: boolean;
  /** Called on Escape, on the cross and on a click beside the dialog. */
  onClose: () => void;
}

/** A native modal dialog: the browser keeps the focus inside and gives it back. */
export function Modal({ title, children, wide, onClose }: ModalProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // Before the next key: what is typed after Ctrl-K must not get lost.
  useLayoutEffect(() => {
    const element = ref.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside it closes it, as Escape does
    <dialog
      ref={ref}
      class={wide ? "modal modal-wide" : "modal"}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === ref.current && onClose()}
    >
      <div class="modal-body">
        <header class="modal-head">
          <h2 id={heading}>{title}</h2>
          <button type="button" class="icon-button" aria-label="Close" onClick={onClose}>
            <span aria-hidden="true">✕</span>
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
