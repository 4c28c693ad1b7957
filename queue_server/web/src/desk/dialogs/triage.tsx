import type { StaffEntry, StaffQueue } from "../../generated/contract";
import { who } from "../model/words";
import { Modal } from "../parts/modal";
import { run } from "../state/commands";
import { close } from "../state/dialog";

const LEVELS = [
  [1, "Immediate", "Before everybody else, whatever the time"],
  [2, "Very urgent", "First of the window"],
  [3, "Urgent", "Before standard patients of the window"],
  [4, "Standard", "By time, as booked"],
  [5, "Can wait", "Last of the window"],
] as const;

/** How urgent a patient is; the place in the line follows. */
export function TriageDialog({ queue, entry }: { queue: StaffQueue; entry: StaffEntry }) {
  const choose = (triage: number): void => {
    close();
    const body = { appointmentId: entry.id, triage };
    if (triage !== entry.triage) void run({ name: "triage", lane: queue.doctorId, body });
  };
  return (
    <Modal title={`How urgent is ${who(entry)}?`}>
      <ul class="choices">
        {LEVELS.map(([level, word, meaning]) => (
          <li key={level}>
            <button
              type="button"
              class={level <= 2 ? "choice choice-danger" : "choice"}
              autofocus={level === entry.triage}
              aria-pressed={level === entry.triage}
              onClick={() => choose(level)}
            >
              <span class="choice-number">{level}</span>
              <span>
                <strong>{word}</strong>
                <span class="choice-detail">{meaning}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
