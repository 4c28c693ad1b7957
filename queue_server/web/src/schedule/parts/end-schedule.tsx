import { useState } from "preact/hooks";
import { localDate } from "../../shared/dates";
import { Modal } from "../../shared/modal";
import { addDays, isDate } from "../model/wall-time";
import type { Schedule } from "../wire";
import { Review } from "./review";

interface EndScheduleProps {
  schedule: Schedule;
  zone: string;
  onEnded: () => void;
  onClose: () => void;
}

/** The last day of a schedule, and what ending it does. */
export function EndSchedule({ schedule, zone, onEnded, onClose }: EndScheduleProps) {
  const today = localDate(zone);
  const [last, setLast] = useState(today);
  const [isReviewing, review] = useState(false);
  if (isReviewing) {
    return (
      <Review
        title="End this schedule"
        yes="End it"
        danger
        write={{
          method: "DELETE",
          path: `/api/schedules/${schedule.id}?lastDay=${last}`,
          version: schedule.version,
        }}
        onDone={onEnded}
        onBack={() => review(false)}
      />
    );
  }
  return (
    <Modal title="End this schedule" onClose={onClose}>
      <p>Its sittings stop after the last day. What is booked until then stays.</p>
      <label class="form-field">
        Last day with sittings
        <input
          type="date"
          min={addDays(today, -1)}
          value={last}
          onInput={(event) => setLast(event.currentTarget.value)}
        />
      </label>
      <div class="modal-actions">
        <button
          type="button"
          class="primary primary-danger"
          disabled={!isDate(last)}
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
