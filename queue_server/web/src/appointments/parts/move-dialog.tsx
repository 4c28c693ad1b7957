import { useState } from "preact/hooks";
import type { SlotView } from "../../generated/contract";
import { wallClock } from "../../schedule/model/wall-time";
import { when } from "../../schedule/parts/affected";
import { zoneOf } from "../../schedule/state/zones";
import { Modal } from "../../shared/modal";
import { todayAt } from "../../staff/directory";
import { tellDone } from "../../staff/toasts";
import { isTimeGone, refusalWords } from "../model/refusals";
import { notBefore } from "../model/times";
import { move, type Visit } from "../state/done";
import type { Place } from "../state/place";
import { NearTimes } from "./near-times";
import { TimePicker } from "./time-picker";

interface MoveDialogProps {
  visit: Visit;
  /** Whether the old time may be taken again; one that is closed cannot. */
  isOldOpen?: boolean;
  onMoved: () => void;
  onClose: () => void;
}

/** Another time for one appointment, with the same doctor or another one. */
export function MoveDialog({ visit, isOldOpen = true, onMoved, onClose }: MoveDialogProps) {
  const zone = zoneOf(visit.clinicId);
  const [place, setPlace] = useState<Place>(() => startOf(visit, zone));
  const [chosen, setChosen] = useState<SlotView | null>(null);
  const [failure, setFailure] = useState<{ text: string; gone: SlotView | null } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const choose = (slot: SlotView): void => {
    setChosen(slot);
    setFailure(null);
  };
  const go = async (): Promise<void> => {
    if (!chosen) return;
    setBusy(true);
    setFailure(null);
    try {
      await move(visit, { slot: chosen }, isOldOpen);
      tellDone(`${visit.name} comes on ${when(chosen.start, zone)} to ${chosen.doctorName} now.`);
      onMoved();
      onClose();
    } catch (error) {
      const gone = isTimeGone(error as Error) ? chosen : null;
      setFailure({ text: refusalWords(error as Error), gone });
      if (gone) setChosen(null);
      setBusy(false);
    }
  };
  return (
    <Modal title={`Another time for ${visit.name}`} wide onClose={onClose}>
      <p class="hint">
        Now: {when(visit.start, zone)} with {visit.doctorName}. The patient's link goes on working.
      </p>
      <TimePicker
        place={place}
        onPlace={(change) => setPlace({ ...place, ...change })}
        onPick={choose}
        chosen={chosen?.id}
        isMove
      />
      {failure && (
        <div class="failure not-held" role="alert">
          <p>Not moved. {failure.text}</p>
          {failure.gone && <NearTimes gone={failure.gone} mode={visit.mode} onPick={choose} />}
        </div>
      )}
      <div class="modal-actions picker-actions">
        <button
          type="button"
          class="primary"
          disabled={!chosen || isBusy}
          onClick={() => void go()}
        >
          {chosen
            ? `Move to ${when(chosen.start, zone)} with ${chosen.doctorName}`
            : "Choose a time first"}
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Modal>
  );
}

function startOf({ clinicId, doctorId, start, mode }: Visit, zone: string): Place {
  const { date } = wallClock(start, zone);
  return { clinicId, doctorId, mode, date: notBefore(date, todayAt(clinicId)) };
}
