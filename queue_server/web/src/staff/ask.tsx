import { signal } from "@preact/signals";
import { Modal } from "../shared/modal";

export interface Question {
  title: string;
  text: string;
  yes: string;
  no?: string;
  danger?: boolean;
}

const asked = signal<{ question: Question; answer: (yes: boolean) => void } | null>(null);

/** Ask before something that reaches far, and wait for the answer. `<Asked />` must be on the page. */
export function ask(question: Question): Promise<boolean> {
  asked.value?.answer(false);
  return new Promise((resolve) => {
    const answer = (yes: boolean): void => {
      asked.value = null;
      resolve(yes);
    };
    asked.value = { question, answer };
  });
}

/** The question that waits for its answer. */
export function Asked() {
  if (asked.value === null) return null;
  const { question, answer } = asked.value;
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
