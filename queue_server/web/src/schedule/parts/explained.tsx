import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

interface ExplainedProps {
  /** What is said on hover and on focus. */
  explanation: string;
  label?: string;
  class?: string;
  style?: Record<string, string | number>;
  children: ComponentChildren;
  onClick?: () => void;
}

const GAP = 6;

/** A button that explains itself on hover and focus; Escape puts the explanation away. */
export function Explained({ explanation, label, children, onClick, ...look }: ExplainedProps) {
  const [isShown, show] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const tip = useRef<HTMLSpanElement>(null);
  const id = useId();

  useEffect(() => {
    const element = tip.current;
    const owner = button.current;
    if (!isShown || !element || !owner) return;
    // In the top layer, where no scrolling box around it cuts it off.
    element.showPopover?.();
    place(element, owner.getBoundingClientRect());
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") show(false);
    };
    const away = () => show(false);
    addEventListener("keydown", onKey);
    addEventListener("scroll", away, true);
    return () => {
      removeEventListener("keydown", onKey);
      removeEventListener("scroll", away, true);
      if (element.isConnected) element.hidePopover?.();
    };
  }, [isShown]);

  return (
    <>
      <button
        ref={button}
        type="button"
        {...look}
        aria-label={label}
        aria-describedby={isShown ? id : undefined}
        onFocus={() => show(true)}
        onBlur={() => show(false)}
        onPointerEnter={() => show(true)}
        onPointerLeave={(event) => {
          if (event.relatedTarget !== tip.current) show(false);
        }}
        onPointerDown={(event) => event.stopPropagation()}
        onClick={onClick ?? (() => show(true))}
      >
        {children}
      </button>
      <span
        ref={tip}
        id={id}
        role="tooltip"
        popover="manual"
        class="tip"
        onPointerLeave={() => show(false)}
      >
        {isShown ? explanation : ""}
      </span>
    </>
  );
}

function place(tip: HTMLElement, owner: DOMRect): void {
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.min(Math.max(owner.left, GAP), innerWidth - width - GAP);
  const below = owner.bottom + GAP;
  const top = below + height > innerHeight ? owner.top - height - GAP : below;
  tip.style.left = `${left}px`;
  tip.style.top = `${Math.max(top, GAP)}px`;
}
