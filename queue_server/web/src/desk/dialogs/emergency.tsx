import { useState } from "preact/hooks";
import type { StaffQueue } from "../../generated/contract";
import type { CommandOf } from "../model/command";
import { Modal } from "../parts/modal";
import { lanes, shown } from "../state/board";
import { run } from "../state/commands";
import { close } from "../state/dialog";
import { canAct } from "../state/live";

type Priority = CommandOf<"emergency">["body"]["priority"];

const EVERY_LANE = "*";
const PRIORITIES: [Priority, string][] = [
  ["low", "Low – for information"],
  ["normal", "Normal"],
  ["high", "High – shown large"],
  ["critical", "Critical – takes the waiting-room screen"],
];
const EXAMPLES = [
  "The doctor was called to an emergency. We will be late, your place is kept.",
  "Please stay seated. We are dealing with an emergency.",
  "Please leave the building calmly by the nearest exit.",
];

/** A message to everybody who waits, at once; its delay shifts every estimate. */
export function EmergencyDialog({ lane }: { lane: string }) {
  const [reach, setReach] = useState(lane);
  const [message, setMessage] = useState("");
  const [priority, setPriority] = useState<Priority>("high");
  const [delay, setDelay] = useState("");
  const targets = lanes.value
    .filter((id) => reach === EVERY_LANE || id === reach)
    .flatMap((id) => shown.value.get(id) ?? []);
  const reached = targets.reduce((sum, queue) => sum + concerned(queue), 0);

  const submit = (event: Event): void => {
    event.preventDefault();
    close();
    for (const { doctorId } of targets) {
      const body = {
        doctorId,
        message: message.trim(),
        priority,
        ...(delay !== "" && { estimatedDelay: Number(delay) }),
      };
      void run({ name: "emergency", lane: doctorId, body });
    }
  };
  return (
    <Modal title="Message everybody">
      <form class="form" onSubmit={submit}>
        <label>
          Who
          <select value={reach} onChange={(event) => setReach(event.currentTarget.value)}>
            {lanes.value.map((id) => (
              <option key={id} value={id}>
                Patients of {shown.value.get(id)?.header.doctor.name}
              </option>
            ))}
            {lanes.value.length > 1 && <option value={EVERY_LANE}>Patients of every lane</option>}
          </select>
        </label>
        <label>
          Message
          <textarea
            required
            autofocus
            rows={3}
            maxLength={500}
            value={message}
            onInput={(event) => setMessage(event.currentTarget.value)}
          />
        </label>
        <div class="examples">
          <p>Or take one of these:</p>
          {EXAMPLES.map((example) => (
            <button key={example} type="button" onClick={() => setMessage(example)}>
              {example}
            </button>
          ))}
        </div>
        <div class="form-row">
          <label>
            Priority
            <select
              value={priority}
              onChange={(event) => setPriority(event.currentTarget.value as Priority)}
            >
              {PRIORITIES.map(([value, word]) => (
                <option key={value} value={value}>
                  {word}
                </option>
              ))}
            </select>
          </label>
          <label>
            Delay in minutes <span class="optional">optional</span>
            <input
              type="number"
              inputMode="numeric"
              min={0}
              max={480}
              value={delay}
              onInput={(event) => setDelay(event.currentTarget.value)}
            />
          </label>
        </div>
        <p class="reach" role="status">
          Reaches <strong>{reached}</strong> {reached === 1 ? "patient" : "patients"}
          {delay !== "" && `; estimates move by ${delay} minutes`}.
        </p>
        <div class="modal-actions">
          <button
            type="submit"
            class="primary primary-danger"
            disabled={!canAct.value || !message.trim()}
          >
            Send to {reached}
          </button>
          <button type="button" onClick={close}>
            Do not send
          </button>
        </div>
      </form>
    </Modal>
  );
}

function concerned(queue: StaffQueue): number {
  const inside = queue.entries.filter(
    (entry) => entry.state === "called" || entry.state === "in_consultation",
  );
  return queue.line.length + inside.length;
}
