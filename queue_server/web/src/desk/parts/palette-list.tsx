import { useEffect, useRef } from "preact/hooks";
import type { PaletteItem } from "../model/palette";
import { close } from "../state/dialog";

interface PaletteListProps {
  items: PaletteItem[];
  active: number;
}

/** The hits, the active one marked. */
export function PaletteList({ items, active }: PaletteListProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active, items]);
  return (
    <div ref={list} id="palette-list" role="listbox" aria-label="Hits" class="palette-list">
      {items.map((item, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keyboard
        <div
          key={item.id}
          id={`palette-${item.id}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          aria-disabled={item.disabled}
          onClick={() => {
            if (item.disabled) return;
            close();
            item.run();
          }}
        >
          <span>
            {item.label}
            {item.detail && <span class="choice-detail">{item.detail}</span>}
          </span>
          {item.keys && <span class="palette-keys">{item.keys}</span>}
        </div>
      ))}
    </div>
  );
}
