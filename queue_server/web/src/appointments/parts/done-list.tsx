import { when } from "../../schedule/parts/affected";
import { zoneOf } from "../../schedule/state/zones";
import { announce } from "../../shared/announce";
import { follow } from "../../shared/route";
import { clearDone, type Done, done, goBack, type Visit } from "../state/done";
import { vacancyAddress } from "../state/vacancy";

interface DoneListProps {
  /** Something is back where it was: what is listed has changed. */
  onBack: () => void;
  /** Choose yet another time. */
  onAgain: (visit: Visit) => void;
}

/** What was just moved or cancelled here, each with the way back. */
export function DoneList({ onBack, onAgain }: DoneListProps) {
  if (done.value.length === 0) return null;
  return (
    <section class="card done" aria-labelledby="done">
      <div class="card-head">
        <h2 id="done">Just done</h2>
        <button type="button" class="quiet" onClick={clearDone}>
          Clear this list
        </button>
      </div>
      <ul class="rows">
        {done.value.map((one) => (
          <li key={one.visit.appointmentId}>
            <span>
              <strong>{one.visit.name}</strong> {doneWords(one)}
              {one.visit.phone && <Phone phone={one.visit.phone} />}
              {one.reason && <span class="field-error">{one.reason}</span>}
            </span>
            <span class="row-actions">
              {one.target === "cancelled" && one.state === "done" && <WhoWaits visit={one.visit} />}
              <WayBack one={one} onBack={onBack} onAgain={onAgain} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** To whoever waits for the time that was given back. */
function WhoWaits({ visit }: { visit: Visit }) {
  return (
    <a class="button" href={vacancyAddress(visit.appointmentId, visit.clinicId)} onClick={follow}>
      Who waits for this time?
    </a>
  );
}

function WayBack({ one, onBack, onAgain }: DoneListProps & { one: Done }) {
  const { visit, state, canGoBack, target } = one;
  const back = async (): Promise<void> => {
    if (!(await goBack(one))) return;
    announce(`${visit.name} is back where they were.`);
    onBack();
  };
  if (state === "back") return null;
  if (canGoBack && state !== "refused")
    return (
      <button type="button" disabled={state === "going-back"} onClick={() => void back()}>
        {state === "going-back" ? "Undoing…" : "Undo"}
        <span class="sr-only"> for {visit.name}</span>
      </button>
    );
  if (target === "cancelled" || !("slot" in target)) return null;
  const { start, doctorId, doctorName } = target.slot;
  return (
    <button type="button" onClick={() => onAgain({ ...visit, start, doctorId, doctorName })}>
      Other time
      <span class="sr-only"> for {visit.name}</span>
    </button>
  );
}

function doneWords({ visit, target, state }: Done): string {
  const zone = zoneOf(visit.clinicId);
  if (state === "back") return `is back at ${when(visit.start, zone)} with ${visit.doctorName}.`;
  if (target === "cancelled") return `is cancelled for ${when(visit.start, zone)}.`;
  if (!("slot" in target)) return `is in the line of ${target.doctorName} now.`;
  return `comes on ${when(target.slot.start, zone)} to ${target.slot.doctorName} now.`;
}

/** A number that can be called by a press on it. */
export function Phone({ phone }: { phone: string }) {
  return (
    <a class="affected-phone" href={`tel:${phone.replace(/[^+\d]/g, "")}`}>
      {phone}
    </a>
  );
}
