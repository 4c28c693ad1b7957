import type { Progress } from "../model/progress";

const RADIUS = 52;
const AROUND = 2 * Math.PI * RADIUS;

interface RingProps {
  progress: Progress;
  time: string;
}

/** The time with the doctor, as a ring that is full when the usual time is over. */
export function Ring({ progress, time }: RingProps) {
  const { part, isOver, words } = progress;
  return (
    <div class={isOver ? "ring ring-over" : "ring"}>
      <svg viewBox="0 0 120 120" aria-hidden="true">
        <title>Time with the patient</title>
        <circle class="ring-ground" cx="60" cy="60" r={RADIUS} />
        <circle
          class="ring-part"
          cx="60"
          cy="60"
          r={RADIUS}
          stroke-dasharray={`${part * AROUND} ${AROUND}`}
        />
      </svg>
      <p class="ring-words">
        <span class="ring-time" role="timer" aria-label="Time with the patient">
          {time}
        </span>
        <span class="ring-usual">
          {isOver && <span aria-hidden="true">! </span>}
          {words}
        </span>
      </p>
    </div>
  );
}
