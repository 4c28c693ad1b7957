import { useState } from "preact/hooks";
import { Modal } from "../../shared/modal";
import { Field } from "../../staff/fields";
import { post, put, remove } from "../../staff/rest";
import { tellDone } from "../../staff/toasts";
import { slotWords } from "../model/calendar";
import { duration } from "../model/wall-time";
import { equipmentNames } from "../state/resources";
import type { Resources, Slot } from "../wire";
import { when } from "./affected";

interface SlotDialogProps {
  slot: Slot;
  zone: string;
  resources: Resources;
  canChange: boolean;
  onChanged: () => void;
  onClose: () => void;
}

/** A slot: who fits in, and whether it can be booked at all. */
export function SlotDialog({
  slot,
  zone,
  resources,
  canChange,
  onChanged,
  onClose,
}: SlotDialogProps) {
  const minutes = (Date.parse(slot.end) - Date.parse(slot.start)) / 60_000;
  const room = resources.rooms.find((one) => one.id === slot.roomId);
  return (
    <Modal title={`${slot.doctorName}, ${when(slot.start, zone)}`} onClose={onClose}>
      <dl class="facts">
        <div>
          <dt>State</dt>
          <dd>{slotWords(slot)}</dd>
        </div>
        <div>
          <dt>Length</dt>
          <dd>{duration(minutes)}</dd>
        </div>
        <div>
          <dt>Room</dt>
          <dd>{room?.name ?? "none"}</dd>
        </div>
        {slot.equipmentIds.length > 0 && (
          <div>
            <dt>Equipment</dt>
            <dd>{equipmentNames(resources, slot.equipmentIds)}</dd>
          </div>
        )}
        <div>
          <dt>Booked</dt>
          <dd>
            {slot.taken.inPerson} in person, {slot.taken.tele} by video
          </dd>
        </div>
        {slot.blockReason && (
          <div>
            <dt>Why it is blocked</dt>
            <dd>{slot.blockReason}</dd>
          </div>
        )}
      </dl>
      {canChange && slot.status !== "past" && (
        <>
          <Blocking slot={slot} onChanged={onChanged} />
          <Capacity slot={slot} onChanged={onChanged} />
        </>
      )}
    </Modal>
  );
}

interface ChangeProps {
  slot: Slot;
  onChanged: () => void;
}

function Blocking({ slot, onChanged }: ChangeProps) {
  const [reason, setReason] = useState("");
  const [failure, setFailure] = useState("");
  const [isBusy, setBusy] = useState(false);
  const isBlocked = slot.status === "blocked";
  const path = `/api/slots/${slot.id}/block`;
  const toggle = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const version = { version: slot.version };
    const body = reason.trim() ? { reason: reason.trim() } : {};
    try {
      await (isBlocked ? remove(path, version) : post(path, body, version));
      tellDone(isBlocked ? "The slot can be booked again." : "The slot is blocked.");
      onChanged();
    } catch (error) {
      setFailure((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <form class="slot-form" onSubmit={(event) => void toggle(event)}>
      {failure && (
        <p class="failure" role="alert">
          Not done: {failure}
        </p>
      )}
      {!isBlocked && (
        <Field label="Reason for blocking" optional error={undefined}>
          {(attributes) => (
            <input
              {...attributes}
              class="plain-input"
              value={reason}
              maxLength={200}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          )}
        </Field>
      )}
      <button type="submit" class={isBlocked ? "primary" : "danger"} disabled={isBusy}>
        {isBlocked ? "Unblock" : "Block this slot"}
      </button>
    </form>
  );
}

const PLACES = [
  ["inPerson", "In person"],
  ["tele", "By video"],
  ["total", "In all"],
] as const;

function Capacity({ slot, onChanged }: ChangeProps) {
  const [places, setPlaces] = useState({ ...slot.capacity });
  const [failure, setFailure] = useState("");
  const [isBusy, setBusy] = useState(false);
  const isSame = PLACES.every(([field]) => places[field] === slot.capacity[field]);
  const save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await put(`/api/slots/${slot.id}/capacity`, places, { version: slot.version });
      tellDone("The slot's capacity is changed.");
      onChanged();
    } catch (error) {
      setFailure((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <form class="slot-form" onSubmit={(event) => void save(event)}>
      <fieldset class="slot-places">
        <legend>How many it takes</legend>
        {PLACES.map(([field, label]) => (
          <label key={field} class="small-field">
            <span class="small-label">{label}</span>
            <input
              type="number"
              min={field === "total" ? 1 : 0}
              value={Number.isNaN(places[field]) ? "" : places[field]}
              onInput={(event) =>
                setPlaces({ ...places, [field]: event.currentTarget.valueAsNumber })
              }
            />
          </label>
        ))}
      </fieldset>
      {failure && (
        <p class="failure" role="alert">
          Not changed: {failure}
        </p>
      )}
      <button type="submit" disabled={isBusy || isSame}>
        Change capacity
      </button>
    </form>
  );
}
