import type { StaffEntry } from "../generated/contract";
import { type Badge, badgesOf } from "./badges";
import { now } from "./clock";
import { countdown } from "./time";

interface BadgesProps {
  entry: StaffEntry;
  /** Whether the words around say already where the entry stands. */
  isStateTold?: boolean;
}

/** The badges of an entry, each a word in a shape. */
export function Badges({ entry, isStateTold = false }: BadgesProps) {
  return (
    <>
      {badgesOf(entry)
        .slice(isStateTold ? 1 : 0)
        .map((badge) => (
          <span key={badge.word} class={`badge badge-${badge.tone}`} title={badge.hint}>
            {badge.word}
            {badge.until && <Remaining badge={badge} />}
          </span>
        ))}
    </>
  );
}

function Remaining({ badge }: { badge: Badge }) {
  const left = Date.parse(badge.until ?? "") - now.value;
  return <span class="badge-time"> {countdown(left)}</span>;
}
