import type { Difference } from "../model/conflict";
import { counted } from "../model/preview-words";
import type { Fault } from "../model/week";

interface SaveBarProps {
  changes: readonly Difference[];
  isNew: boolean;
  isDirty: boolean;
  faults: readonly Fault[];
  /** What is wrong with the schedule as a whole. */
  wrong: string;
  canUndo: boolean;
  onUndo: () => void;
  onDiscard: () => void;
  onReview: () => void;
  onFault: (fault: Fault) => void;
}

/** What is not saved yet, and the way to save it. */
export function SaveBar(props: SaveBarProps) {
  const { changes, isNew, isDirty, faults, wrong } = props;
  const [first] = faults;
  const isWrong = first !== undefined || wrong !== "";
  return (
    <section class={isDirty ? "save-bar" : "save-bar save-bar-clean"} aria-label="Unsaved changes">
      <p class={isWrong ? "save-words save-words-wrong" : "save-words"} role="status">
        {saveWords(props, changes.length)}
      </p>
      <div class="modal-actions">
        {first && (
          <button type="button" onClick={() => props.onFault(first)}>
            Go to it
          </button>
        )}
        <button type="button" class="quiet" disabled={!props.canUndo} onClick={props.onUndo}>
          Undo
        </button>
        <button type="button" class="quiet" disabled={!isDirty && !isNew} onClick={props.onDiscard}>
          Discard
        </button>
        <button
          type="button"
          class="primary"
          disabled={!isDirty || isWrong}
          onClick={props.onReview}
        >
          Review and save…
        </button>
      </div>
    </section>
  );
}

function saveWords({ faults, wrong, isDirty }: SaveBarProps, changes: number): string {
  if (faults.length > 0) return `! ${counted(faults.length, "thing")} to correct`;
  if (wrong) return `! ${wrong}`;
  if (!isDirty) return "All changes are saved.";
  return changes > 0 ? `${counted(changes, "change")}, not saved yet` : "Not saved yet";
}
