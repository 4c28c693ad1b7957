import { useEffect, useRef } from "preact/hooks";
import { follow } from "../../shared/route";

interface TabsProps {
  label: string;
  here: string;
  tabs: readonly { name: string; label: string; href: string }[];
}

/** Pages beside each other, each with an address. */
export function Tabs({ label, here, tabs }: TabsProps) {
  const frame = useRef<HTMLElement>(null);
  useEffect(() => {
    // Where they do not all fit, the one that is open is in sight.
    const open = frame.current?.querySelector<HTMLElement>("[aria-current]");
    if (frame.current && open) frame.current.scrollLeft = open.offsetLeft - 48;
  }, [here]);
  return (
    <nav ref={frame} class="tabs" aria-label={label}>
      {tabs.map(({ name, label: text, href }) => (
        <a
          key={name}
          href={href}
          aria-current={name === here ? "page" : undefined}
          onClick={follow}
        >
          {text}
        </a>
      ))}
    </nav>
  );
}
