import { useState } from "preact/hooks";
import type { WalkInResult } from "../../generated/contract";
import { lanes, shown } from "../state/board";
import { run } from "../state/commands";
import { close } from "../state/dialog";
import { canAct } from "../state/live";

interface WalkInFormProps {
  lane: string;
  onAdded: (lane: string, result: WalkInResult) => void;
}

const VISITS = ["consultation", "follow_up", "procedure", "vaccination", "certificate"];

/** Who comes without an appointment, and to whom. */
export function WalkInForm({ lane, onAdded }: WalkInFormProps) {
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string): string => String(fields.get(name) ?? "").trim();
    const doctorId = text("lane");
    const phone = text("phone");
    setBusy(true);
    const outcome = await run({
      name: "walk-in",
      lane: doctorId,
      body: {
        doctorId,
        patient: { name: text("name"), ...(phone && { phone }) },
        visitType: text("visit"),
        triage: Number(text("triage")),
      },
    });
    setBusy(false);
    if (outcome.ok && outcome.result) onAdded(doctorId, outcome.result as unknown as WalkInResult);
    else setFailure(outcome.reason ?? "The server gave no reason.");
  };
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      {failure && (
        <p role="alert" class="failure">
          Not added: {failure}
        </p>
      )}
      <label>
        Name
        <input name="name" required maxLength={120} autocomplete="off" autofocus />
      </label>
      <label>
        Phone <span class="optional">optional, for the link</span>
        <input
          name="phone"
          type="tel"
          pattern="\+?[0-9 \(\)\.\/\-]{3,32}"
          title="Digits and spaces, with + for another country"
          autocomplete="off"
        />
      </label>
      <label>
        Doctor
        <select name="lane" defaultValue={lane}>
          {lanes.value.map((id) => (
            <option key={id} value={id} selected={id === lane}>
              {laneLabel(id)}
            </option>
          ))}
        </select>
      </label>
      <div class="form-row">
        <label>
          Visit
          <select name="visit">
            {VISITS.map((visit) => (
              <option key={visit} value={visit}>
                {visit.replace("_", " ")}
              </option>
            ))}
          </select>
        </label>
        <label>
          Triage
          <select name="triage">
            <option value="1">1 – immediate</option>
            <option value="2">2 – very urgent</option>
            <option value="3">3 – urgent</option>
            <option value="4" selected>
              4 – standard
            </option>
            <option value="5">5 – can wait</option>
          </select>
        </label>
      </div>
      <div class="modal-actions">
        <button type="submit" class="primary" disabled={busy || !canAct.value}>
          {busy ? "Adding…" : "Add to the line"}
        </button>
        <button type="button" onClick={close}>
          Cancel
        </button>
      </div>
    </form>
  );
}

function laneLabel(doctorId: string): string {
  const queue = shown.value.get(doctorId);
  return queue ? `${queue.header.doctor.name} – ${queue.line.length} in line` : "Loading…";
}
