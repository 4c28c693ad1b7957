import type { StaffEntryView } from "../../generated/contract";
import { zoneOf } from "../../schedule/state/zones";
import { now } from "../../shared/clock";
import { countdown } from "../../shared/time";
import { spelled } from "../../staff/model/names";
import { moment, URGENCY_WORDS, waitedWords, wishWords } from "../model/words";
import { minute } from "../state/minute";
import { WhyRank } from "./why-rank";

export type EntryAction = "promote" | "invite" | "defer" | "resume" | "cancel" | "place";

interface EntryCardProps {
  entry: StaffEntryView;
  isOpen: boolean;
  /** Something is under way with it. */
  isBusy: boolean;
  /** Whether times can be given away and entries changed just now. */
  canAct: boolean;
  doctorName?: string | undefined;
  onToggle: () => void;
  onAct: (action: EntryAction) => void;
}

/** Somebody who waits; the one that is chosen unfolds why they stand there and what can be done. */
export function EntryCard(props: EntryCardProps) {
  const { entry, isOpen, isBusy, onToggle, doctorName } = props;
  const zone = zoneOf(entry.clinicId);
  return (
    <li class={`wait wait-${entry.status}${isOpen ? " wait-open" : ""}`} aria-busy={isBusy}>
      <h3 class="wait-head">
        <button
          type="button"
          class="wait-toggle"
          data-entry={entry.id}
          aria-expanded={isOpen}
          onClick={onToggle}
        >
          <span class="wait-place">
            <span class="sr-only">Place </span>
            {entry.position ?? "–"}
          </span>
          <span class="wait-who">
            <span class="wait-name">{entry.patientName}</span>
            <span class="wait-facts">
              {spelled(entry.visitType)} · {wishWords(entry.requestedWindow, zone)}
              {entry.mode === "tele" && " · by video"}
              {doctorName && ` · for ${doctorName}`}
            </span>
            <EntryBadges entry={entry} />
          </span>
          <span class="wait-score">
            <strong>{waitedWords(entry, minute.value)}</strong>
            <span class="sub">{entry.priorityScore.toFixed(1)} points</span>
          </span>
        </button>
      </h3>
      {isOpen && <Unfolded {...props} />}
    </li>
  );
}

/** What sets an entry apart, each a word in a shape. */
export function EntryBadges({ entry }: { entry: StaffEntryView }) {
  const zone = zoneOf(entry.clinicId);
  return (
    <span class="chips wait-badges">
      {entry.status === "invited" && entry.invite && (
        <span class="badge badge-info">
          Invited for {moment(entry.invite.start, zone)}{" "}
          <span class="badge-time">
            {countdown(Date.parse(entry.invite.respondBy) - now.value)} left
          </span>
        </span>
      )}
      {entry.status === "deferred" && (
        <span class="badge badge-plain">
          Deferred{entry.deferredUntil && ` until ${moment(entry.deferredUntil, zone)}`}
        </span>
      )}
      {entry.isOverdue && <span class="badge badge-danger">Waits too long</span>}
      {entry.urgency !== "routine" && (
        <span class="badge badge-warn">{URGENCY_WORDS[entry.urgency]}</span>
      )}
      {entry.isChronic && <span class="badge badge-info">Chronic</span>}
      {entry.overrideReason !== null && <span class="badge badge-warn">Placed by staff</span>}
      {entry.shortNotice && <span class="badge badge-ok">Comes at short notice</span>}
    </span>
  );
}

function Unfolded({ entry, isBusy, canAct, onAct }: EntryCardProps) {
  const isOff = !canAct || isBusy;
  return (
    <div class="wait-more">
      <WhyRank entry={entry} />
      {entry.notes && (
        <p class="wait-notes">
          <span class="sr-only">Note: </span>
          {entry.notes}
        </p>
      )}
      {entry.patientPhone && (
        <p>
          <a class="affected-phone" href={`tel:${entry.patientPhone.replace(/[^+\d]/g, "")}`}>
            {entry.patientPhone}
          </a>
        </p>
      )}
      <div class="wait-actions">
        <button
          type="button"
          class="primary"
          aria-keyshortcuts="P"
          disabled={isOff}
          onClick={() => onAct("promote")}
        >
          Promote… <Key>P</Key>
        </button>
        <button
          type="button"
          aria-keyshortcuts="I"
          disabled={isOff || entry.status === "invited"}
          onClick={() => onAct("invite")}
        >
          Invite… <Key>I</Key>
        </button>
        {entry.status === "deferred" ? (
          <button
            type="button"
            aria-keyshortcuts="D"
            disabled={isOff}
            onClick={() => onAct("resume")}
          >
            Wait again <Key>D</Key>
          </button>
        ) : (
          <button
            type="button"
            aria-keyshortcuts="D"
            disabled={isOff}
            onClick={() => onAct("defer")}
          >
            Defer… <Key>D</Key>
          </button>
        )}
        <button type="button" aria-keyshortcuts="O" disabled={isOff} onClick={() => onAct("place")}>
          Place… <Key>O</Key>
        </button>
        <button
          type="button"
          class="danger"
          aria-keyshortcuts="C"
          disabled={isOff}
          onClick={() => onAct("cancel")}
        >
          Cancel… <Key>C</Key>
        </button>
      </div>
    </div>
  );
}

function Key({ children }: { children: string }) {
  return (
    <span class="kbd" aria-hidden="true">
      {children}
    </span>
  );
}
