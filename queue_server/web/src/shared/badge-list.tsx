import type { StaffEntry } from "../generated/contract";
import { type Badge, badgesOf } from "./badges";
import { now } from "./clock";
import { countdown } from "./time";

/** The badges of an entry, each a word in a shape. */
export function Badges({ entry }: { entry: StaffEntry }) {
  return (
    <>
      {badgesOf(entry).map((badge) => (
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
