import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { follow } from "../../shared/route";

interface PageProps {
  title: string;
  /** Where this belongs, above the heading. */
  above?: { label: string; href: string };
  lead?: ComponentChildren;
  /** Buttons beside the heading. */
  actions?: ComponentChildren;
  children: ComponentChildren;
}

/** A page of a section: its heading takes the focus, so that a screen reader says where we are. */
export function Page({ title, above, lead, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Administration`;
  }, [title]);
  useEffect(() => {
    // Not on the way in from outside: the skip link comes first there.
    if (document.activeElement !== document.body || !hasMoved) {
      hasMoved = true;
      return;
    }
    heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div class="page">
      <header class="page-head">
        <div class="page-title">
          {above && (
            <a class="page-above" href={above.href} onClick={follow}>
              <span aria-hidden="true">‹ </span>
              {above.label}
            </a>
          )}
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead && <div class="page-lead">{lead}</div>}
        </div>
        {actions && <div class="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

let hasMoved = false;
