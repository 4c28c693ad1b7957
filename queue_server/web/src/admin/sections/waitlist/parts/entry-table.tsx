import type { StaffEntryView } from "../../../../generated/contract";
import { zoneOf } from "../../../../schedule/state/zones";
import { clinicName } from "../../../../staff/directory";
import { spelled } from "../../../../staff/model/names";
import { moment, STATUS_WORDS, waitedWords, wishWords } from "../../../../waitlist/model/words";
import { EntryBadges } from "../../../../waitlist/parts/entry-card";
import { minute } from "../../../../waitlist/state/minute";
import { clinicFilter } from "../../../state/address";
import { outcomes } from "../state/bulk";

interface EntryTableProps {
  entries: readonly StaffEntryView[];
  names: ReadonlyMap<string, string>;
  chosen?: ReadonlySet<string>;
  choose?: (chosen: ReadonlySet<string>) => void;
  open: (entry: StaffEntryView) => void;
}

/** Entries as a table; many can be chosen where that makes sense. */
export function EntryTable({ entries, names, chosen, choose, open }: EntryTableProps) {
  const isOfAll = clinicFilter.value === null;
  return (
    <div class="table-frame">
      <table class="table stacked waits-table">
        <caption class="sr-only">Waitlist</caption>
        <thead>
          <tr>
            {choose && (
              <th scope="col">
                <span class="sr-only">Select</span>
              </th>
            )}
            <th scope="col">Place</th>
            <th scope="col">Patient</th>
            {isOfAll && <th scope="col">Clinic</th>}
            <th scope="col">Wishes for</th>
            <th scope="col">Waits</th>
            <th scope="col">Points</th>
            <th scope="col">Ends</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Row
              key={entry.id}
              entry={entry}
              doctorName={entry.doctorId ? (names.get(entry.doctorId) ?? "a doctor") : "anybody"}
              isOfAll={isOfAll}
              isChosen={chosen?.has(entry.id) ?? false}
              onChoose={choose && ((isOn) => choose(toggled(chosen ?? new Set(), entry.id, isOn)))}
              open={open}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  entry: StaffEntryView;
  doctorName: string;
  isOfAll: boolean;
  isChosen: boolean;
  onChoose: ((isOn: boolean) => void) | undefined;
  open: (entry: StaffEntryView) => void;
}

function Row({ entry, doctorName, isOfAll, isChosen, onChoose, open }: RowProps) {
  const zone = zoneOf(entry.clinicId);
  const outcome = outcomes.value.get(entry.id);
  const isOver = entry.position === null;
  return (
    <tr>
      {onChoose && (
        <td>
          <label class="check check-bare">
            <input
              type="checkbox"
              aria-label={`Select ${entry.patientName}`}
              checked={isChosen}
              onChange={(event) => onChoose(event.currentTarget.checked)}
            />
          </label>
        </td>
      )}
      <td class="strong">{isOver ? STATUS_WORDS[entry.status] : entry.position}</td>
      <th scope="row">
        <button type="button" class="as-link" onClick={() => open(entry)}>
          {entry.patientName}
        </button>
        <EntryBadges entry={entry} />
        {outcome && (
          <span
            class={outcome.state === "refused" ? "field-error" : "sub"}
            role={outcome.state === "refused" ? "alert" : undefined}
          >
            {outcome.state === "working" && "Under way…"}
            {outcome.state === "done" && "✓ Done"}
            {outcome.state === "refused" && `Not done. ${outcome.why}`}
          </span>
        )}
      </th>
      {isOfAll && <td>{clinicName(entry.clinicId)}</td>}
      <td>
        {spelled(entry.visitType)}, {wishWords(entry.requestedWindow, zone)}
        <span class="sub">with {doctorName}</span>
      </td>
      <td>
        <span class="stacked-label">Waits </span>
        {waitedWords(entry, isOver ? Date.parse(entry.updatedAt) : minute.value)}
      </td>
      <td>
        {entry.priorityScore.toFixed(1)}
        <span class="stacked-label"> points</span>
      </td>
      <td>
        <span class="stacked-label">Ends </span>
        {moment(isOver ? entry.updatedAt : entry.expiresAt, zone)}
      </td>
    </tr>
  );
}

function toggled(chosen: ReadonlySet<string>, id: string, isOn: boolean): ReadonlySet<string> {
  const next = new Set(chosen);
  if (isOn) next.add(id);
  else next.delete(id);
  return next;
}
