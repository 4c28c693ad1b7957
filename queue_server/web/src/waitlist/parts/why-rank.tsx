import type { AuditView, StaffEntryView } from "../../generated/contract";
import { zoneOf } from "../../schedule/state/zones";
import { useResource } from "../../staff/resource";
import { get } from "../../staff/rest";
import { Loaded } from "../../staff/states";
import { auditWords, moment, pointsWords, rankWords, reasonWords } from "../model/words";

/** Why somebody stands where they do: each reason with its points, which add up to the score. */
export function WhyRank({ entry }: { entry: StaffEntryView }) {
  const most = Math.max(...entry.scoreReasons.map(({ points }) => points), 0.001);
  return (
    <section class="why" aria-label={`Why this rank: ${entry.patientName}`}>
      <h3>Why this rank</h3>
      <p>{rankWords(entry)}.</p>
      <ul class="why-reasons">
        {entry.scoreReasons.map((reason) => (
          <li key={reason.code}>
            <span class="why-words">{reasonWords(reason, entry.urgency)}</span>
            <meter
              class="why-bar"
              min={0}
              max={most}
              value={Math.max(0, reason.points)}
              aria-hidden="true"
            />
            <span class="why-points">{pointsWords(reason.points)}</span>
          </li>
        ))}
        <li class="why-total">
          <span class="why-words">Together</span>
          <span class="why-points">{entry.priorityScore.toFixed(1)} points</span>
        </li>
      </ul>
    </section>
  );
}

/** What was done with an entry, by whom and when. */
export function EntryAudit({ entry }: { entry: StaffEntryView }) {
  const path = `/api/waitlists/${entry.id}`;
  const read = useResource(`${path} ${entry.version}`, () => get<StaffEntryView>(path));
  return (
    <section class="why" aria-label={`What was done: ${entry.patientName}`}>
      <h3>What was done</h3>
      <Loaded of={read} what="what was done">
        {({ audit }) => (
          <ol class="audit">
            {[...audit].reverse().map((line, place) => (
              <AuditLine key={place} line={line} zone={zoneOf(entry.clinicId)} />
            ))}
          </ol>
        )}
      </Loaded>
    </section>
  );
}

function AuditLine({ line, zone }: { line: AuditView; zone: string }) {
  return (
    <li>
      <span>
        {auditWords(line)}
        {line.notes && <span class="hint">: {line.notes}</span>}
      </span>
      <span class="sub">
        {moment(line.timestamp, zone)} · {line.createdBy?.name || "by the list itself"}
      </span>
    </li>
  );
}
