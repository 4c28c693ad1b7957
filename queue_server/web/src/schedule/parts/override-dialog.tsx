import { useState } from "preact/hooks";
import { Modal } from "../../shared/modal";
import { fullDate, weekdayOf } from "../model/wall-time";
import {
  add,
  change,
  cutOf,
  faults as faultsOf,
  freePlace,
  remove,
  USUAL,
  type Week,
  weekFrom,
  wireOf,
} from "../model/week";
import type { Override, Resources, Schedule } from "../wire";
import { Review } from "./review";
import { SittingFields } from "./sitting-fields";

interface OverrideDialogProps {
  schedule: Schedule;
  date: string;
  resources: Resources;
  onSaved: () => void;
  onClose: () => void;
}

/** Other hours on one date, or none; what was there before can be had back. */
export function OverrideDialog(props: OverrideDialogProps) {
  const { schedule, date } = props;
  const standing = schedule.overrides.find((one) => one.date === date);
  return standing ? (
    <StandingOverride {...props} override={standing} />
  ) : (
    <NewOverride {...props} />
  );
}

function StandingOverride({
  override,
  schedule,
  date,
  onSaved,
  onClose,
}: OverrideDialogProps & { override: Override }) {
  const [isReviewing, review] = useState(false);
  if (isReviewing) {
    return (
      <Review
        title={`Back to the usual hours on ${fullDate(date)}`}
        yes="Back to the usual hours"
        write={{
          method: "DELETE",
          path: `/api/overrides/${override.id}`,
          version: schedule.version,
        }}
        onDone={onSaved}
        onBack={() => review(false)}
      />
    );
  }
  const times = override.sittings.map((one) => `${one.start}–${one.end}`).join(", ");
  return (
    <Modal title={fullDate(date)} onClose={onClose}>
      <p>
        This date has hours of its own: <strong>{times || "closed"}</strong>
        {override.reason && <span class="hint"> · {override.reason}</span>}
      </p>
      <div class="modal-actions">
        <button type="button" class="primary" autofocus onClick={() => review(true)}>
          Back to the usual hours…
        </button>
        <button type="button" onClick={onClose}>
          Keep them
        </button>
      </div>
    </Modal>
  );
}

function NewOverride({ schedule, date, resources, onSaved, onClose }: OverrideDialogProps) {
  const weekday = weekdayOf(date);
  const [week, setWeek] = useState<Week>(() =>
    weekFrom(schedule.sittings.filter((one) => one.weekday === weekday)),
  );
  const [reason, setReason] = useState("");
  const [isReviewing, review] = useState(false);
  const faults = faultsOf(week);
  const sittings = wireOf(week).map(({ weekday: _, ...sitting }) => sitting);

  if (isReviewing) {
    return (
      <Review
        title={`Change ${fullDate(date)} only`}
        yes="Save this date"
        write={{
          method: "POST",
          path: `/api/schedules/${schedule.id}/overrides`,
          body: { date, sittings, ...(reason.trim() && { reason: reason.trim() }) },
          version: schedule.version,
        }}
        onDone={onSaved}
        onBack={() => review(false)}
      />
    );
  }
  return (
    <Modal title={`Change ${fullDate(date)} only`} wide onClose={onClose}>
      <p class="hint">These hours hold on this date instead of the weekly ones.</p>
      {week.length === 0 && <p class="closed-word">Closed on this date</p>}
      <div>
        {[...week]
          .sort((one, other) => one.key - other.key)
          .map((sitting) => (
            <SittingFields
              key={sitting.key}
              sitting={sitting}
              faults={faults.filter((one) => one.key === sitting.key)}
              resources={resources}
              isSelected={false}
              onChange={(key, to) => setWeek(change(week, key, to))}
              onRemove={(key) => setWeek(remove(week, key))}
            />
          ))}
      </div>
      <div class="modal-actions">
        <button
          type="button"
          onClick={() => setWeek(add(week, freePlace(week, weekday), cutOf(week[0] ?? USUAL)).week)}
        >
          Add a sitting
        </button>
        {week.length > 0 && (
          <button type="button" onClick={() => setWeek([])}>
            Close the whole date
          </button>
        )}
      </div>
      <label class="form-field">
        Reason <span class="optional">optional, seen by staff</span>
        <input
          value={reason}
          maxLength={200}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <div class="modal-actions">
        <button
          type="button"
          class="primary"
          disabled={faults.length > 0}
          onClick={() => review(true)}
        >
          Review…
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Modal>
  );
}
