import { useEffect } from "preact/hooks";
import type { HoldView, Mode, SlotView } from "../../generated/contract";
import { when } from "../../schedule/parts/affected";
import { zoneOf } from "../../schedule/state/zones";
import { interrupt } from "../../shared/announce";
import { now } from "../../shared/clock";
import { countdown } from "../../shared/time";
import { holdLeft, holdStage } from "../model/hold";
import { giveUp } from "../state/holding";
import { NearTimes } from "./near-times";

interface HoldBarProps {
  hold: HoldView;
  mode: Mode;
  onPick: (slot: SlotView) => void;
}

/** The time that is kept, and for how long; what was typed outlives it. */
export function HoldBar({ hold, mode, onPick }: HoldBarProps) {
  const stage = holdStage(hold.expiresAt, now.value);
  const { slot } = hold;
  const time = when(slot.start, zoneOf(slot.clinicId));
  useEffect(() => {
    if (stage === "ending") interrupt(`${time} is held for two more minutes.`);
  }, [stage]);
  if (stage === "over")
    return (
      <section class="hold-bar hold-over" aria-label="Held time">
        <div role="alert">
          <p>
            <strong>{time} is not held any more.</strong> What you typed is kept. Hold it again, or
            choose another time.
          </p>
        </div>
        <div class="modal-actions">
          <button type="button" class="primary" onClick={() => onPick(slot)}>
            Hold it again
          </button>
          <NearTimes gone={slot} mode={mode} onPick={onPick} />
        </div>
      </section>
    );
  return (
    <section class={`hold-bar hold-${stage}`} aria-label="Held time">
      <p>
        <span aria-hidden="true">{stage === "ending" ? "! " : ""}</span>
        Held for you{" "}
        <span class="hold-left" role="timer">
          {countdown(holdLeft(hold.expiresAt, now.value))}
        </span>
      </p>
      <p class="hold-what">
        <strong>{time}</strong> with {slot.doctorName}
        {hold.mode === "tele" && ", by video"}
      </p>
      <button type="button" onClick={() => void giveUp()}>
        Give up
      </button>
    </section>
  );
}
