import { Modal } from "../../shared/modal";
import {
  type Difference,
  differences,
  type Editable,
  overrideDifferences,
} from "../model/conflict";
import { equipmentNames } from "../state/resources";
import type { Resources, Schedule } from "../wire";

interface StaleDialogProps {
  /** The schedule as it was when the editing began, as somebody else saved it, and with both. */
  before: Schedule;
  theirs: Schedule;
  both: Editable;
  /** Who saved it, and when; empty where that is not told. */
  by: string;
  resources: Resources;
  onKeepBoth: () => void;
  onDiscard: () => void;
  onBack: () => void;
}

/** Two people edited the same week: what the other one changed, and what to do about it. */
export function StaleDialog(props: StaleDialogProps) {
  const { before, theirs, both, by, resources, onKeepBoth, onDiscard, onBack } = props;
  const names = {
    room: (id: string) => resources.rooms.find((one) => one.id === id)?.name ?? "another room",
    equipment: (id: string) => equipmentNames(resources, [id]),
  };
  const changed = [...differences(before, theirs, names), ...overrideDifferences(before, theirs)];
  const kept = differences(theirs, both, names);
  return (
    <Modal title="Somebody else changed this schedule" wide onClose={onBack}>
      <p>
        {by || "It was changed"} while you were editing. Nothing of yours is saved yet, and nothing
        is lost.
      </p>
      <Differences title="What they changed" differences={changed} />
      <Differences title="What you change beside that" differences={kept} />
      <div class="modal-actions">
        <button type="button" class="primary" onClick={onKeepBoth}>
          Keep both, review…
        </button>
        <button type="button" onClick={onDiscard}>
          Discard mine, show theirs
        </button>
        <button type="button" class="quiet" onClick={onBack}>
          Back
        </button>
      </div>
    </Modal>
  );
}

const MARKS = { added: "+", removed: "−", changed: "~" } as const;

interface DifferencesProps {
  title: string;
  differences: readonly Difference[];
}

/** Differences by sign and word. */
export function Differences({ title, differences: found }: DifferencesProps) {
  return (
    <section class="differences">
      <h3>{title}</h3>
      {found.length === 0 && <p class="hint">Nothing in the weekly hours.</p>}
      <ul>
        {found.map(({ what, text }) => (
          <li key={`${what} ${text}`} class={`difference difference-${what}`}>
            <span class="difference-mark" aria-hidden="true">
              {MARKS[what]}
            </span>
            <span>
              <span class="difference-what">{what}</span> {text}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
