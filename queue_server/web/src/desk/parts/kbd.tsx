/** A key, as printed on the keyboard; for the eye only, `aria-keyshortcuts` tells the reader. */
export function Kbd({ children }: { children: string }) {
  return (
    <span class="kbd" aria-hidden="true">
      {children}
    </span>
  );
}
