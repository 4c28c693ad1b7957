const LENGTH = 100;

/** A score out of 100 as a ring with its number. */
export function ScoreDial({ score }: { score: number }) {
  return (
    <figure class="dial">
      <svg viewBox="0 0 36 36" aria-hidden="true">
        <circle class="dial-ground" cx="18" cy="18" r="15.915" />
        <circle
          class="dial-part"
          cx="18"
          cy="18"
          r="15.915"
          stroke-dasharray={`${score} ${LENGTH - score}`}
          stroke-dashoffset="25"
        />
      </svg>
      <figcaption>
        <strong>{score}</strong>
        <span>Score</span>
      </figcaption>
    </figure>
  );
}
