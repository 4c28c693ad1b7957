import { useState } from "preact/hooks";
import type { StaffEntryView } from "../../generated/contract";
import { addDays } from "../../schedule/model/wall-time";
import { zoneOf } from "../../schedule/state/zones";
import { Modal } from "../../shared/modal";
import { instantAt } from "../../shared/time";
import { todayAt } from "../../staff/directory";
import { Field } from "../../staff/fields";
import type { Change } from "../model/order";
import { dayWords } from "../model/words";

interface EntryDialogProps {
  entry: StaffEntryView;
  onChosen: (change: Change, words: string) => void;
  onClose: () => void;
}

/** When a day's deferral ends: before the clinic opens. */
const MORNING = "06:00";
const WEEK = 7;

/** Until when somebody is not to be asked. */
export function DeferDialog({ entry, onChosen, onClose }: EntryDialogProps) {
  const today = todayAt(entry.clinicId);
  const [date, setDate] = useState(addDays(today, WEEK));
  const [error, setError] = useState<string>();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const fault = deferFault(date, today);
    setError(fault);
    if (fault) return;
    const zone = zoneOf(entry.clinicId);
    const until = new Date(instantAt(date, MORNING, zone)).toISOString();
    onChosen(
      { kind: "defer", until },
      `${entry.patientName} is not asked before ${dayWords(until, zone)}.`,
    );
  };
  return (
    <Modal title={`Defer ${entry.patientName}?`} onClose={onClose}>
      <form class="form" noValidate onSubmit={submit}>
        <p>
          Their waiting time goes on and they keep what they have waited for; until then no time is
          offered to them. {entry.invite && "What is offered to them now is free again at once."}
        </p>
        <Field label="Not before" error={error}>
          {(attributes) => (
            <input
              {...attributes}
              type="date"
              autofocus
              min={addDays(today, 1)}
              value={date}
              onInput={(event) => setDate(event.currentTarget.value)}
            />
          )}
        </Field>
        <div class="modal-actions">
          <button type="submit" class="primary">
            Defer
          </button>
          <button type="button" onClick={onClose}>
            Not now
          </button>
        </div>
      </form>
    </Modal>
  );
}

/** What is wrong with a day to defer to. */
export function deferFault(date: string, today: string): string | undefined {
  if (!date) return "Choose the day.";
  return date > today ? undefined : "Choose a day after today.";
}

/** Take somebody off the list, with the reason that is kept with it. */
export function CancelEntryDialog({ entry, onChosen, onClose }: EntryDialogProps) {
  const [reason, setReason] = useState("");
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    onChosen(
      { kind: "cancel", reason: reason.trim() },
      `${entry.patientName} is off the waitlist.`,
    );
  };
  return (
    <Modal title={`Take ${entry.patientName} off the waitlist?`} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <p>
          They are told so. Who joins again later begins to wait anew.{" "}
          {entry.invite && "What is offered to them now is free again at once."}
        </p>
        <Field label="Reason" optional error={undefined}>
          {(attributes) => (
            <input
              {...attributes}
              value={reason}
              maxLength={500}
              autocomplete="off"
              autofocus
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          )}
        </Field>
        <div class="modal-actions">
          <button type="submit" class="primary primary-danger">
            Take off the list
          </button>
          <button type="button" onClick={onClose}>
            Keep them
          </button>
        </div>
      </form>
    </Modal>
  );
}

/** Give somebody a place that is not by rank, with the reason everybody can read. */
export function PlaceDialog({ entry, onChosen, onClose }: EntryDialogProps) {
  const [place, setPlace] = useState(String(entry.position ?? 1));
  const [reason, setReason] = useState("");
  const [errors, setErrors] = useState<{ place?: string; reason?: string }>({});
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const found = placeFaults(place, reason);
    setErrors(found);
    if (found.place || found.reason) return;
    onChosen(
      { kind: "place", position: Number(place), reason: reason.trim() },
      `${entry.patientName} has place ${Number(place)} now.`,
    );
  };
  const byRank = (): void => {
    onChosen({ kind: "rank" }, `${entry.patientName} stands by rank again.`);
  };
  return (
    <Modal title={`A place for ${entry.patientName}`} onClose={onClose}>
      <form class="form" noValidate onSubmit={submit}>
        <p>Places are by need and waiting time. Whoever gets another one gets it for a reason.</p>
        <Field label="Place" hint="1 is first" error={errors.place}>
          {(attributes) => (
            <input
              {...attributes}
              inputMode="numeric"
              autofocus
              value={place}
              onInput={(event) => setPlace(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field
          label="Reason"
          hint="Kept with the entry, where colleagues read it"
          error={errors.reason}
        >
          {(attributes) => (
            <input
              {...attributes}
              value={reason}
              maxLength={500}
              autocomplete="off"
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          )}
        </Field>
        <div class="modal-actions">
          <button type="submit" class="primary">
            Give this place
          </button>
          {entry.overrideReason !== null && (
            <button type="button" onClick={byRank}>
              By rank again
            </button>
          )}
          <button type="button" onClick={onClose}>
            Not now
          </button>
        </div>
      </form>
    </Modal>
  );
}

/** What is wrong with a place that is to be given. */
export function placeFaults(place: string, reason: string): { place?: string; reason?: string } {
  const isPlace = /^\d{1,5}$/.test(place.trim()) && Number(place) >= 1 && Number(place) <= 20_000;
  return {
    ...(!isPlace && { place: "Give a whole number from 1." }),
    ...(!reason.trim() && { reason: "Say why, for whoever asks." }),
  };
}
