import { useEffect, useState } from "preact/hooks";
import { Modal } from "../../shared/modal";
import { previewWords, whatBecomes } from "../model/preview-words";
import { perform, type TriedWrite, tryOut } from "../state/write";
import type { Preview } from "../wire";
import { Affected } from "./affected";

interface ReviewProps<T> {
  title: string;
  /** What the button says: "Save the week". */
  yes: string;
  write: TriedWrite;
  danger?: boolean;
  onDone: (answer: T) => void;
  onBack: () => void;
  /** The server refused; true when that is dealt with elsewhere. */
  onRefused?: (error: Error) => boolean;
}

/** What a change does to slots and patients, before it is done. */
export function Review<T>(props: ReviewProps<T>) {
  const { title, yes, write, danger, onDone, onBack, onRefused } = props;
  const [preview, setPreview] = useState<Preview | null>(null);
  const [failure, setFailure] = useState("");
  const [isBusy, setBusy] = useState(false);

  const refused = (error: Error): void => {
    if (!onRefused?.(error)) setFailure(error.message);
  };

  useEffect(() => {
    let isGone = false;
    tryOut(write).then(
      (told) => !isGone && setPreview(told),
      (error: Error) => !isGone && refused(error),
    );
    return () => {
      isGone = true;
    };
  }, []);

  const save = async (): Promise<void> => {
    setBusy(true);
    setFailure("");
    try {
      onDone(await perform<T>(write));
    } catch (error) {
      refused(error as Error);
      setBusy(false);
    }
  };

  const hits = preview?.patientsAffected ?? [];
  return (
    <Modal title={title} wide={hits.length > 0} onClose={onBack}>
      {failure && (
        <p class="failure" role="alert">
          Not saved: {failure}
        </p>
      )}
      {preview === null && failure === "" && (
        <p class="hint" role="status">
          Working out what this changes…
        </p>
      )}
      {preview && (
        <>
          <p class="review-words" role="status">
            {previewWords(preview)}
          </p>
          <p class={hits.length > 0 ? "review-warning" : "hint"}>{whatBecomes(hits)}</p>
          <Affected hits={hits} label="Patients affected" />
        </>
      )}
      <div class="modal-actions">
        <button
          type="button"
          class={danger ? "primary primary-danger" : "primary"}
          disabled={preview === null || isBusy}
          onClick={() => void save()}
        >
          {isBusy ? "Saving…" : yes}
        </button>
        <button type="button" onClick={onBack}>
          Back
        </button>
      </div>
    </Modal>
  );
}
