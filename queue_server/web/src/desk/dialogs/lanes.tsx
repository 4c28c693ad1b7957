import { Modal } from "../parts/modal";
import { LaneChoice } from "../parts/lane-choice";
import { close } from "../state/dialog";

/** Which clinic and which doctors this desk looks after. */
export function LanesDialog() {
  return (
    <Modal title="Lanes of this desk">
      <LaneChoice onChosen={close} />
    </Modal>
  );
}
