import { useState } from "preact/hooks";
import { refusalWords } from "../../appointments/model/refusals";
import { move, type Target, type Visit } from "../../appointments/state/done";
import type { ConflictGroup } from "../../schedule/model/calendar";
import { counted } from "../../schedule/model/preview-words";
import { when } from "../../schedule/parts/affected";
import { zoneOf } from "../../schedule/state/zones";
import type { SlotConflict } from "../../schedule/wire";
import { interrupt } from "../../shared/announce";
import { ask } from "../../staff/ask";
import { tellDone, tellRefused } from "../../staff/toasts";

interface AboutProps {
  conflict: SlotConflict;
  reload: () => Promise<void>;
  onOther: (visit: Visit) => void;
}

/** Take the suggested time, or choose another one. */
export function RebookButtons({ conflict, reload, onOther }: AboutProps) {
  const [isBusy, setBusy] = useState(false);
  const [reason, setReason] = useState("");
  const visit = visitOf(conflict);
  const take = async (target: Target): Promise<void> => {
    setBusy(true);
    setReason("");
    try {
      await move(visit, target, false);
      tellDone(doneWords(conflict));
    } catch (error) {
      // The list is read again, and suggests what is free now.
      setReason(refusalWords(error as Error));
      interrupt(`Not moved. ${refusalWords(error as Error)}`);
    }
    await reload();
    setBusy(false);
    focusNext();
  };
  const target = targetOf(conflict);
  return (
    <div class="rebook-actions">
      {target && (
        <button type="button" class="primary" disabled={isBusy} onClick={() => void take(target)}>
          {isBusy ? "Moving…" : "Take this time"}
          <span class="sr-only"> for {visit.name}</span>
        </button>
      )}
      <button
        type="button"
        class={target ? undefined : "primary"}
        disabled={isBusy}
        onClick={() => onOther(visit)}
      >
        Other time<span class="sr-only"> for {visit.name}</span>
      </button>
      {reason && (
        <p class="field-error">
          <span aria-hidden="true">! </span>
          {reason}
        </p>
      )}
    </div>
  );
}

interface AboutAllProps {
  group: ConflictGroup;
  reload: () => Promise<void>;
}

/** Take every suggested time of a group, after a question. */
export function RebookAll({ group, reload }: AboutAllProps) {
  const [isBusy, setBusy] = useState(false);
  const ready = group.conflicts.filter(({ suggestion }) => suggestion !== null);
  if (ready.length < 2) return null;
  const takeAll = async (): Promise<void> => {
    const isSure = await ask({
      title: `Move ${counted(ready.length, "patient")}?`,
      text: "Each of them gets the time that is suggested here. They are listed then, so that you can call them.",
      yes: `Move ${ready.length}`,
    });
    if (!isSure) return;
    setBusy(true);
    const reasons: string[] = [];
    // One after the other: they may want the same doctor's times.
    for (const conflict of ready) {
      const target = targetOf(conflict);
      if (!target) continue;
      await move(visitOf(conflict), target, false).catch((error: Error) =>
        reasons.push(`${conflict.patientName}: ${refusalWords(error)}`),
      );
    }
    const moved = ready.length - reasons.length;
    if (moved > 0) tellDone(`${counted(moved, "patient")} moved.`);
    if (reasons.length > 0) tellRefused(reasons.slice(0, 3).join(" "));
    await reload();
    setBusy(false);
    focusNext();
  };
  return (
    <button type="button" disabled={isBusy} onClick={() => void takeAll()}>
      {isBusy ? "Moving…" : `Take all ${ready.length} suggested times`}
    </button>
  );
}

function visitOf(conflict: SlotConflict): Visit {
  const { appointmentId, patientName, patientPhone, start, doctorId, doctorName } = conflict;
  const { clinicId, mode } = conflict;
  const name = patientName || "Patient";
  const phone = patientPhone;
  return { appointmentId, name, phone, start, doctorId, doctorName, clinicId, mode };
}

function targetOf({ suggestion }: SlotConflict): Target | null {
  return suggestion && { slot: { id: suggestion.slotId, ...suggestion } };
}

function doneWords({ patientName, suggestion, clinicId }: SlotConflict): string {
  const time = suggestion ? when(suggestion.start, zoneOf(clinicId)) : "";
  return `${patientName} comes on ${time} to ${suggestion?.doctorName} now.`;
}

/** What was pressed is gone with its row: go on with the next one, or with what was done. */
function focusNext(): void {
  requestAnimationFrame(() => {
    if (document.activeElement !== document.body) return;
    const next =
      document.querySelector<HTMLElement>(".rebook-actions button") ??
      document.querySelector<HTMLElement>(".done a, .done button");
    next?.focus();
  });
}
