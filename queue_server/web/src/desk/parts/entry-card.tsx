import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { StaffEntry, StaffQueue } from "../../generated/contract";
import { Badges } from "../../shared/badge-list";
import { clockTime } from "../../shared/time";
import { dragCard } from "../state/drag";
import { isFollowed } from "../state/presence";
import { select } from "../state/selection";
import { EntryActions } from "./entry-actions";
import { Estimate } from "./estimate";

interface EntryCardProps {
  queue: StaffQueue;
  entry: StaffEntry;
  selected: boolean;
  /** The card that the Tab key reaches. */
  reachable: boolean;
}

/** One patient in the line; selected, the card unfolds what can be done. */
export function EntryCard({ queue, entry, selected, reachable }: EntryCardProps) {
  const card = useRef<HTMLLIElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const lane = queue.doctorId;

  useEffect(() => {
    if (card.current) return dragCard(card.current, lane, entry.id);
  }, [lane, entry.id]);

  // A card that changes its place loses the focus to the page: hand it back.
  useLayoutEffect(() => {
    if (selected && document.activeElement === document.body) button.current?.focus();
  });

  const zone = queue.header.timezone;
  const time = clockTime(entry.start, zone);
  const details = `actions-${entry.id}`;
  const classes = ["card", `card-${entry.state}`, selected && "card-selected"];
  return (
    <li ref={card} data-entry={entry.id} class={classes.filter(Boolean).join(" ")}>
      <button
        ref={button}
        id={`entry-${entry.id}`}
        type="button"
        class="card-main"
        tabIndex={reachable ? 0 : -1}
        aria-expanded={selected}
        aria-controls={selected ? details : undefined}
        onFocus={() => select(lane, entry.id)}
        onClick={() => select(lane, entry.id)}
      >
        <span class="grip" aria-hidden="true" />
        <span class="card-ticket">{entry.ticket}</span>
        <span class="card-who">
          <span class="card-name">{entry.name ?? "Patient"}</span>
          <span class="card-facts">
            <span class="card-time">{time}</span>
            {entry.clinicId !== queue.header.clinicId && <span>{entry.clinicName}</span>}
            <Badges entry={entry} />
            {isFollowed(queue, entry.id) && <PhoneMark />}
          </span>
        </span>
        <span class="sr-only">place {entry.position}</span>
        <Estimate entry={entry} zone={zone} />
      </button>
      {selected && <EntryActions id={details} queue={queue} entry={entry} />}
    </li>
  );
}

/** The patient has the tracker open at this moment. */
function PhoneMark() {
  return (
    <span class="followed" title="Follows on a phone">
      <span class="phone" aria-hidden="true" />
      <span class="sr-only">follows on a phone</span>
    </span>
  );
}
