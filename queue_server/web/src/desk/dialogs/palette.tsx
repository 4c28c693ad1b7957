import { useEffect, useMemo, useState } from "preact/hooks";
import type { FoundAppointment } from "../../generated/contract";
import { search } from "../model/palette";
import { Modal } from "../parts/modal";
import { PaletteList } from "../parts/palette-list";
import { read } from "../state/api";
import { close } from "../state/dialog";
import { isLive } from "../state/live";
import { commandItems, foundItem, patientItems } from "../state/palette-items";

const ENOUGH = 2;

/** Find a patient or a command by a few letters. */
export function Palette() {
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const [found, searched] = useFound(query);
  const items = useMemo(() => {
    const here = patientItems();
    const known = new Set(here.map((item) => item.id));
    const others = found.map(foundItem).filter((item) => !known.has(item.id));
    const patients = query.trim() ? search(here, query, 6) : [];
    return [...search(commandItems(), query, query ? 6 : 12), ...patients, ...others].slice(0, 14);
  }, [query, found]);
  const current = Math.min(at, Math.max(items.length - 1, 0));

  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt((current + step + items.length) % Math.max(items.length, 1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const item = items[current];
      if (!item || item.disabled) return;
      close();
      item.run();
    }
  };
  const active = items[current];
  return (
    <Modal title="Find or do">
      <input
        class="palette-input"
        role="combobox"
        aria-label="Patient, ticket, phone or command"
        aria-expanded={items.length > 0}
        aria-controls="palette-list"
        aria-activedescendant={active ? `palette-${active.id}` : undefined}
        aria-autocomplete="list"
        placeholder="Patient, ticket, phone or command"
        autocomplete="off"
        autofocus
        value={query}
        onInput={(event) => {
          setQuery(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <PaletteList items={items} active={current} />
      <p class="sr-only" role="status">
        {items.length} found
      </p>
      {!searched && <p class="hint">No connection: only the lanes shown here are searched.</p>}
      {items.length === 0 && (
        <p class="empty">Nothing found. Try a family name, a ticket like P18 or a phone number.</p>
      )}
    </Modal>
  );
}

/** The server's hits: patients of every lane, and those without a place today. */
function useFound(query: string): [FoundAppointment[], boolean] {
  const [found, setFound] = useState<FoundAppointment[]>([]);
  const [searched, setSearched] = useState(true);
  useEffect(() => {
    const wanted = query.trim();
    if (wanted.length < ENOUGH || !isLive.value) {
      setFound([]);
      setSearched(isLive.value);
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      const parameters = new URLSearchParams({ search: wanted, limit: "8" });
      read<FoundAppointment[]>(`/api/patients?${parameters}`)
        .then((answer) => [answer, true] as const)
        .catch(() => [[], false] as const)
        .then(([answer, isWhole]) => {
          if (!current) return;
          setFound([...answer]);
          setSearched(isWhole);
        });
    }, 180);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [query]);
  return [found, searched];
}
