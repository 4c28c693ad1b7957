import { Modal } from "../parts/modal";
import type { Question } from "../state/dialog";

interface AskProps {
  question: Question;
  answer: (yes: boolean) => void;
}

/** A question before something that reaches far. */
export function AskDialog({ question, answer }: AskProps) {
  const { title, text, yes, no = "Not now", danger } = question;
  return (
    <Modal title={title} onClose={() => answer(false)}>
      <p>{text}</p>
      <div class="modal-actions">
        <button
          type="button"
          autofocus={!danger}
          class={danger ? "primary primary-danger" : "primary"}
          onClick={() => answer(true)}
        >
          {yes}
        </button>
        <button type="button" autofocus={danger} onClick={() => answer(false)}>
          {no}
        </button>
      </div>
    </Modal>
  );
}
