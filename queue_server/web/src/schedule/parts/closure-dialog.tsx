import { useState } from "preact/hooks";
import { Modal } from "../../shared/modal";
import { instantAt } from "../../shared/time";
import { Field } from "../../staff/fields";
import type { Band } from "../model/layers";
import { minutesOf } from "../model/wall-time";
import type { Closure, ClosureKind } from "../wire";
import { when } from "./affected";
import { Review } from "./review";

const KINDS: { kind: ClosureKind; name: string; detail: string }[] = [
  { kind: "forced_block", name: "Block", detail: "Nobody is booked then; goes before all else." },
  { kind: "emergency", name: "Emergency", detail: "The doctor is called away." },
  { kind: "holiday", name: "Holiday", detail: "A day off of this doctor only." },
];

interface NewClosureProps {
  scheduleId: string;
  /** The calendar's version that was read. */
  version: number;
  date: string;
  zone: string;
  clinicName: string;
  onSaved: () => void;
  onClose: () => void;
}

/** Close a stretch of time, whatever the weekly hours say. */
export function NewClosure(props: NewClosureProps) {
  const { scheduleId, version, zone, clinicName, onSaved, onClose } = props;
  const [kind, setKind] = useState<ClosureKind>("forced_block");
  const [from, setFrom] = useState(`${props.date}T12:00`);
  const [to, setTo] = useState(`${props.date}T13:00`);
  const [allClinics, setAllClinics] = useState(false);
  const [reason, setReason] = useState("");
  const [isAsked, ask] = useState(false);
  const [isReviewing, review] = useState(false);
  const fault = isLocal(from) && isLocal(to) && to > from ? "" : "The end must be after the start.";

  if (isReviewing) {
    const body = {
      kind,
      start: instantOf(from, zone),
      end: instantOf(to, zone),
      allClinics,
      ...(reason.trim() && { reason: reason.trim() }),
    };
    return (
      <Review
        title="Close this time"
        yes="Close this time"
        danger
        write={{ method: "POST", path: `/api/schedules/${scheduleId}/exceptions`, body, version }}
        onDone={onSaved}
        onBack={() => review(false)}
      />
    );
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    ask(true);
    if (!fault) review(true);
  };
  return (
    <Modal title="Close a stretch of time" onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <fieldset class="choices">
          <legend>Why</legend>
          {KINDS.map((one) => (
            <label key={one.kind} class="check">
              <input
                type="radio"
                name="kind"
                checked={kind === one.kind}
                onChange={() => setKind(one.kind)}
              />
              <span class={`swatch band-${layerOf(one.kind)}`} aria-hidden="true" />
              <span>
                {one.name}
                <span class="choice-detail">{one.detail}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <div class="form-row">
          <Field label="From" error={undefined}>
            {(attributes) => (
              <input
                {...attributes}
                type="datetime-local"
                value={from}
                onInput={(event) => setFrom(event.currentTarget.value)}
              />
            )}
          </Field>
          <Field label="To" error={isAsked && fault ? fault : undefined}>
            {(attributes) => (
              <input
                {...attributes}
                type="datetime-local"
                value={to}
                onInput={(event) => setTo(event.currentTarget.value)}
              />
            )}
          </Field>
        </div>
        <label class="check">
          <input
            type="checkbox"
            checked={allClinics}
            onChange={(event) => setAllClinics(event.currentTarget.checked)}
          />
          <span>
            At every clinic
            <span class="choice-detail">Otherwise only at {clinicName}</span>
          </span>
        </label>
        <Field label="Reason" optional error={undefined}>
          {(attributes) => (
            <input
              {...attributes}
              value={reason}
              maxLength={200}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          )}
        </Field>
        <div class="modal-actions">
          <button type="submit" class="primary">
            Review…
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Modal>
  );
}

interface StandingClosureProps {
  closure: Closure;
  band: Band;
  zone: string;
  onSaved: () => void;
  onClose: () => void;
}

/** A closed stretch, and the way to open it again. */
export function StandingClosure({ closure, band, zone, onSaved, onClose }: StandingClosureProps) {
  const [isReviewing, review] = useState(false);
  if (isReviewing) {
    return (
      <Review
        title="Open this time again"
        yes="Open again"
        write={{ method: "DELETE", path: `/api/exceptions/${closure.id}` }}
        onDone={onSaved}
        onBack={() => review(false)}
      />
    );
  }
  return (
    <Modal title={band.title} onClose={onClose}>
      <p>
        {when(closure.start, zone)} to {when(closure.end, zone)}
        {closure.clinicId === null && ", at every clinic"}
      </p>
      {closure.reason && <p>{closure.reason}</p>}
      <div class="modal-actions">
        <button type="button" class="primary" autofocus onClick={() => review(true)}>
          Open this time again…
        </button>
        <button type="button" onClick={onClose}>
          Keep it closed
        </button>
      </div>
    </Modal>
  );
}

function layerOf(kind: ClosureKind): string {
  return kind === "forced_block" ? "block" : kind;
}

function isLocal(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) && !Number.isNaN(minutesOf(text.slice(11)));
}

function instantOf(local: string, zone: string): string {
  const [date = "", time = ""] = local.split("T");
  return new Date(instantAt(date, time.slice(0, 5), zone)).toISOString();
}
