import { type ModalProps, Modal as Shared } from "../../shared/modal";
import { close } from "../state/dialog";

/** A dialog of the desk: unless told otherwise, leaving it closes whichever is open. */
export function Modal({
  onClose = close,
  ...rest
}: Omit<ModalProps, "onClose"> & { onClose?: () => void }) {
  return <Shared {...rest} onClose={onClose} />;
}
