import { useState } from "preact/hooks";
import type { MaintenanceView } from "../../../../generated/contract";
import { localDate } from "../../../../shared/dates";
import { Modal } from "../../../../shared/modal";
import { instantAt } from "../../../../shared/time";
import { isAdmin } from "../../../../staff/account";
import { useDraft } from "../../../../staff/draft";
import { DraftForm } from "../../../../staff/draft-form";
import { TextField } from "../../../../staff/fields";
import { post } from "../../../../staff/rest";
import { attempt, tellDone } from "../../../../staff/toasts";
import { type MaintenancePhase, phaseOf } from "../model/words";

interface Maintained {
  name: string;
  active: boolean;
  maintenance: readonly MaintenanceView[];
  version: number;
}

interface MaintenanceProps<T extends Maintained> {
  of: T;
  path: string;
  zone: string;
  take: (now: T) => void;
  reload: () => Promise<void>;
}

const PHASES: Readonly<Record<MaintenancePhase, { label: string; tone: string }>> = {
  now: { label: "Now", tone: "chip-warn" },
  planned: { label: "Planned", tone: "chip-info" },
  over: { label: "Over", tone: "" },
};

/** When it is not to be used: what is planned, under way and over. */
export function MaintenanceCard<T extends Maintained>(props: MaintenanceProps<T>) {
  const { of, path, zone, take, reload } = props;
  const [isPlanning, setPlanning] = useState(false);
  const lines = [...of.maintenance].sort((one, other) => other.start.localeCompare(one.start));
  const finish = async (one: MaintenanceView): Promise<void> => {
    const call = () =>
      post<T>(`${path}/maintenance/${one.id}/finish`, {}, { version: of.version }).then(take);
    if (!(await attempt(call, `${of.name} can be used again.`))) await reload();
  };
  return (
    <section class="card">
      <div class="card-head">
        <h2>Maintenance</h2>
        {isAdmin.value && of.active && (
          <button type="button" onClick={() => setPlanning(true)}>
            Plan…
          </button>
        )}
      </div>
      {lines.length === 0 && <p class="hint">None planned.</p>}
      <ul class="rows">
        {lines.map((one) => {
          const phase = phaseOf(one, Date.now());
          const { label, tone } = PHASES[phase];
          return (
            <li key={one.id}>
              <div>
                <span class={`chip ${tone}`}>{label}</span> {shownSpan(one, zone)}
                {one.reason && <span class="sub">{one.reason}</span>}
              </div>
              {isAdmin.value && phase !== "over" && (
                <button type="button" onClick={() => void finish(one)}>
                  {phase === "now" ? "Finish now" : "Call off"}
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {isPlanning && (
        <Plan of={of} path={path} zone={zone} take={take} close={() => setPlanning(false)} />
      )}
    </section>
  );
}

type PlanProps<T extends Maintained> = Omit<MaintenanceProps<T>, "reload"> & { close: () => void };

function Plan<T extends Maintained>({ of, path, zone, take, close }: PlanProps<T>) {
  const draft = useDraft("plan", () => {
    const today = localDate(zone);
    return { from: `${today}T18:00`, until: `${today}T20:00`, reason: "" };
  });
  const instant = (typed: string): string => {
    const [date = "", time = ""] = typed.split("T");
    return new Date(instantAt(date, time, zone)).toISOString();
  };
  const submit: typeof draft.submit = async (work) => {
    const faults = [];
    const { from, until } = draft.value.value;
    if (!from) faults.push({ field: "start", message: "Say from when." });
    if (!until) faults.push({ field: "end", message: "Say until when." });
    if (from && until && until <= from)
      faults.push({ field: "end", message: "The end must be after the start." });
    if (faults.length === 0) return draft.submit(work);
    draft.complain(faults);
    return false;
  };
  return (
    <Modal title={`Maintenance of ${of.name}`} onClose={close}>
      <p class="hint">Times are those of the clinic ({zone}).</p>
      <DraftForm
        draft={{ ...draft, submit }}
        isNew
        save="Plan maintenance"
        onCancel={close}
        onSave={async ({ from, until, reason }, key) => {
          const body = { start: instant(from), end: instant(until), reason: reason.trim() };
          take(await post<T>(`${path}/maintenance`, body, { key, version: of.version }));
          tellDone(`Maintenance of ${of.name} is planned.`);
          close();
        }}
      >
        <div class="form-row">
          <TextField draft={draft} name="from" at="start" label="From" type="datetime-local" />
          <TextField draft={draft} name="until" at="end" label="Until" type="datetime-local" />
        </div>
        <TextField draft={draft} name="reason" label="Reason" maxLength={500} optional />
      </DraftForm>
    </Modal>
  );
}

function shownSpan({ start, end }: MaintenanceView, zone: string): string {
  const format = new Intl.DateTimeFormat(undefined, {
    timeZone: zone,
    dateStyle: "medium",
    timeStyle: "short",
  });
  return format.formatRange(new Date(start), new Date(end));
}
