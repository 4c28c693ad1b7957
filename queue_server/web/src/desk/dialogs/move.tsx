import { useState } from "preact/hooks";
import type { StaffEntry, StaffQueue } from "../../generated/contract";
import { ordinal, who } from "../model/words";
import { Modal } from "../parts/modal";
import { run } from "../state/commands";
import { close } from "../state/dialog";

interface MoveProps {
  queue: StaffQueue;
  entry: StaffEntry;
  position?: number | undefined;
}

const REASONS = ["Unwell", "Small child", "In pain", "Doctor asked", "Has to leave soon"];

/** To which place, and why: the reason is kept with the move. */
export function MoveDialog({ queue, entry, position }: MoveProps) {
  const [place, setPlace] = useState(position ?? 1);
  const [reason, setReason] = useState("");
  const total = queue.line.length;
  const submit = (event: Event): void => {
    event.preventDefault();
    close();
    const given = reason.trim();
    const body = {
      appointmentId: entry.id,
      newPosition: Math.min(place, total),
      ...(given && { reason: given }),
    };
    void run({ name: "move", lane: queue.doctorId, body });
  };
  return (
    <Modal title={`Move ${who(entry)}`}>
      <form class="form" onSubmit={submit}>
        <label>
          Place in the line
          <select
            autofocus
            value={place}
            onChange={(event) => setPlace(Number(event.currentTarget.value))}
          >
            {queue.line.map((id, index) => (
              <option key={id} value={index + 1}>
                {ordinal(index + 1)}
                {beside(queue, id, entry)}
              </option>
            ))}
          </select>
        </label>
        <label>
          Reason <span class="optional">optional</span>
          <input
            value={reason}
            maxLength={200}
            list="move-reasons"
            autocomplete="off"
            onInput={(event) => setReason(event.currentTarget.value)}
          />
          <datalist id="move-reasons">
            {REASONS.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        </label>
        <div class="modal-actions">
          <button type="submit" class="primary">
            Move
          </button>
          <button type="button" onClick={close}>
            Leave as it is
          </button>
        </div>
      </form>
    </Modal>
  );
}

function beside(queue: StaffQueue, id: string, entry: StaffEntry): string {
  if (id === entry.id) return " – as now";
  const other = queue.entries.find((one) => one.id === id);
  return other ? ` – where ${other.ticket} stands` : "";
}
