import { useState } from "preact/hooks";
import type { StaffEntry, StaffQueue } from "../../generated/contract";
import { follow } from "../../shared/route";
import { allows, type EntryAction } from "../model/actions";
import { act } from "../state/act";
import { open } from "../state/dialog";
import { canAct } from "../state/live";
import { ticketAddress } from "../state/route";
import { Kbd } from "./kbd";

interface EntryActionsProps {
  id: string;
  queue: StaffQueue;
  entry: StaffEntry;
}

interface Choice {
  action: EntryAction;
  label: string;
  /** Spoken instead of the label where that is only a sign. */
  spoken?: string;
  keys?: string;
  shortcut?: string;
  danger?: boolean;
}

const FIRST: Choice[] = [
  { action: "call", label: "Call now" },
  { action: "arrived", label: "Arrived", keys: "A", shortcut: "A" },
  { action: "no-show", label: "No-show", keys: "X", shortcut: "X", danger: true },
  { action: "skip", label: "Skip" },
  { action: "up", label: "↑", spoken: "Move up", shortcut: "Alt+ArrowUp" },
  { action: "down", label: "↓", spoken: "Move down", shortcut: "Alt+ArrowDown" },
];

const MORE: Choice[] = [
  { action: "triage", label: "Triage…" },
  { action: "move", label: "Move to…" },
  { action: "transfer", label: "Transfer…" },
  { action: "cancel", label: "Cancel visit", danger: true },
];

/** What can be done with a patient in the line. */
export function EntryActions({ id, queue, entry }: EntryActionsProps) {
  const [more, setMore] = useState(false);
  const dialogs = { lane: queue.doctorId, entry: entry.id };
  return (
    <fieldset id={id} class="actions" aria-label={`Actions for ${entry.ticket}`}>
      {FIRST.map((choice) => (
        <ActionButton key={choice.action} queue={queue} entry={entry} choice={choice} />
      ))}
      <button
        type="button"
        class="square"
        aria-expanded={more}
        aria-label={`More for ${entry.ticket}`}
        onClick={() => setMore(!more)}
      >
        <span aria-hidden="true">⋯</span>
      </button>
      {more && (
        <div class="actions-more">
          {MORE.map((choice) => (
            <ActionButton key={choice.action} queue={queue} entry={entry} choice={choice} />
          ))}
          <a
            class="button"
            href={ticketAddress(queue.doctorId, queue.date, entry.id)}
            onClick={follow}
          >
            Ticket
          </a>
          <button type="button" onClick={() => open({ kind: "link", ...dialogs })}>
            Link / QR
          </button>
          <button type="button" onClick={() => open({ kind: "why", ...dialogs })}>
            Why this place?
          </button>
        </div>
      )}
      {entry.phone && (
        <p class="actions-phone">
          Phone <a href={`tel:${entry.phone}`}>{entry.phone}</a> · {entry.visitType}
        </p>
      )}
    </fieldset>
  );
}

interface ActionButtonProps {
  queue: StaffQueue;
  entry: StaffEntry;
  choice: Choice;
}

function ActionButton({ queue, entry, choice }: ActionButtonProps) {
  const total = queue.line.length;
  const { action, label, spoken, keys, shortcut, danger } = choice;
  const step = action === "up" || action === "down";
  const open = allows(entry, action, total);
  // The arrows stay where they are at either end: buttons must not move under the finger.
  if (!open && !step) return null;
  const now = action === "no-show" && entry.graceUntil !== null;
  return (
    <button
      type="button"
      class={[danger && "danger", step && "square"].filter(Boolean).join(" ")}
      disabled={!open || !canAct.value}
      aria-label={spoken}
      aria-keyshortcuts={shortcut}
      onClick={() => act(action, queue, entry)}
    >
      {now ? "No-show now" : label} {keys && <Kbd>{keys}</Kbd>}
    </button>
  );
}
