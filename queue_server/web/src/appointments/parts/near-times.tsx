import { useEffect, useState } from "preact/hooks";
import type { Mode, SlotView } from "../../generated/contract";
import { when } from "../../schedule/parts/affected";
import { zoneOf } from "../../schedule/state/zones";
import { timesNear } from "../state/times";

interface NearTimesProps {
  gone: SlotView;
  mode: Mode;
  onPick: (slot: SlotView) => void;
}

/** Free times near one that is gone, one press away. */
export function NearTimes({ gone, mode, onPick }: NearTimesProps) {
  const [found, setFound] = useState<SlotView[] | null>(null);
  useEffect(() => {
    let isOld = false;
    setFound(null);
    timesNear(gone, mode).then(
      (near) => isOld || setFound(near),
      () => isOld || setFound([]),
    );
    return () => {
      isOld = true;
    };
  }, [gone.id, mode]);
  if (found === null) return <p>Looking for times near it…</p>;
  if (found.length === 0) return <p>No time near it is free. Choose another day.</p>;
  return (
    <ul class="near" aria-label="Nearest free times">
      {found.map((slot) => (
        <li key={slot.id}>
          <button type="button" onClick={() => onPick(slot)}>
            {when(slot.start, zoneOf(slot.clinicId))}
            {slot.doctorId !== gone.doctorId && ` with ${slot.doctorName}`}
          </button>
        </li>
      ))}
    </ul>
  );
}
