import { LaneChoice } from "../parts/lane-choice";
import { Modal } from "../parts/modal";
import { close } from "../state/dialog";

/** Which clinic and which doctors this desk looks after. */
export function LanesDialog() {
  return (
    <Modal title="Lanes of this desk">
      <LaneChoice onChosen={close} />
    </Modal>
  );
}
