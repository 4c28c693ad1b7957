import { Modal } from "../parts/modal";
import { prefer, preferences } from "../state/preferences";

const KEYS: [string, string][] = [
  ["N", "Call the next patient of the lane"],
  ["S", "Start: the called patient is with the doctor"],
  ["F", "Finish the consultation"],
  ["R", "Call again"],
  ["A", "Selected patient arrived"],
  ["X", "Selected patient is a no-show (grace runs; again: now)"],
  ["W", "Add a walk-in"],
  ["B", "Book an appointment"],
  ["Alt ↑ ↓", "Move the selected patient in the line"],
  ["Alt ← →", "Transfer the selected patient to the lane beside"],
  ["↑ ↓", "Select a patient"],
  ["← →", "Select a lane"],
  ["1 – 9", "Go to a lane"],
  ["E", "Message everybody"],
  ["Z", "Undo the last command (30 seconds)"],
  ["Ctrl K", "Find a patient or a command"],
  ["?", "This help"],
];

/** The keyboard, and how this desk likes to be used. */
export function HelpDialog() {
  const { letters, askReason } = preferences.value;
  return (
    <Modal title="Keys" wide>
      <dl class="keys">
        {KEYS.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={letters}
          onChange={(event) => prefer({ letters: event.currentTarget.checked })}
        />
        <span>
          Single letters are commands
          <span class="choice-detail">Switch it off for voice control</span>
        </span>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={askReason}
          onChange={(event) => prefer({ askReason: event.currentTarget.checked })}
        />
        <span>
          Ask for the reason when a card is dragged
          <span class="choice-detail">The reason is kept with the move</span>
        </span>
      </label>
    </Modal>
  );
}
