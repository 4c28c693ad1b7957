import { useEffect, useRef, useState } from "preact/hooks";
import type { StaffEntryView } from "../../generated/contract";
import { clinicName } from "../../staff/directory";
import { Empty, Failure, Loading } from "../../staff/states";
import type { Change } from "../model/order";
import type { Scope, Waitlist } from "../state/list";
import { usePolicy } from "../state/use-waitlist";
import { ChooseTime } from "./choose-time";
import { type EntryAction, EntryCard } from "./entry-card";
import { CancelEntryDialog, DeferDialog, PlaceDialog } from "./entry-dialogs";
import { PolicyLine } from "./policy-line";

interface PanelProps {
  scope: Scope;
  /** Whose lists are shown. */
  clinicIds: readonly string[];
  list: Waitlist;
  /** Whether anything can be done just now. */
  canAct: boolean;
  /** Doctors by id, where the list is that of several. */
  doctorNames?: ReadonlyMap<string, string>;
  /** What to do when nobody waits. */
  emptyWords: string;
}

const KEYS: Readonly<Record<string, EntryAction>> = {
  p: "promote",
  i: "invite",
  d: "defer",
  c: "cancel",
  o: "place",
};

/** Who waits, in order, with why; and what can be done about each: by hand or by key. */
export function WaitlistPanel(props: PanelProps) {
  const { scope, clinicIds, list, canAct, doctorNames, emptyWords } = props;
  const entries = list.entries.value;
  const [open, setOpen] = useState<string | null>(null);
  const [asking, ask] = useState<{ action: EntryAction; entry: StaffEntryView } | null>(null);
  const frame = useRef<HTMLDivElement>(null);

  useEffect(() => {
    // Whoever is promoted elsewhere is chosen no more.
    if (open !== null && entries && !entries.some(({ id }) => id === open)) setOpen(null);
  }, [entries]);

  const act = (action: EntryAction, entry: StaffEntryView): void => {
    const isOff = !canAct || list.busy.value.has(entry.id);
    if (isOff || (action === "invite" && entry.status === "invited")) return;
    const isBack = action === "resume" || (action === "defer" && entry.status === "deferred");
    if (isBack) void list.run(entry, { kind: "resume" }, `${entry.patientName} waits again.`);
    else ask({ action, entry });
  };
  const chosen = (entry: StaffEntryView) => (change: Change, words: string) => {
    ask(null);
    void list.run(entry, change, words);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || !entries) return;
    const at = entries.findIndex(({ id }) => id === focused(event.target));
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      focusEntry(frame.current, entries[at + step]?.id);
      return;
    }
    const action = KEYS[event.key.toLowerCase()];
    const entry = entries[at] ?? entries.find(({ id }) => id === open);
    if (!action || !entry) return;
    event.preventDefault();
    act(action, entry);
  };

  if (entries === null)
    return list.failure.value ? (
      <Failure what="the waitlist" error={list.failure.value} retry={() => void list.reload()} />
    ) : (
      <Loading what="the waitlist" />
    );
  const ids = [...new Set(entries.map(({ clinicId }) => clinicId))];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys bubble up from the buttons
    <div ref={frame} class="waitlist" onKeyDown={onKey}>
      {list.failure.value && (
        <p class="failure" role="alert">
          Could not read the list again: {list.failure.value.message} It may have changed.
        </p>
      )}
      {entries.length === 0 && (
        <Empty title="Nobody is waiting">
          <p>{emptyWords}</p>
        </Empty>
      )}
      {ids.map((clinicId) => (
        <section key={clinicId} aria-label={`Waitlist of ${clinicName(clinicId)}`}>
          {ids.length > 1 && <h3 class="waitlist-clinic">{clinicName(clinicId)}</h3>}
          <ol class="waits">
            {entries
              .filter((entry) => entry.clinicId === clinicId)
              .map((entry) => (
                <EntryCard
                  key={entry.id}
                  entry={entry}
                  isOpen={entry.id === open}
                  isBusy={list.busy.value.has(entry.id)}
                  canAct={canAct}
                  doctorName={entry.doctorId ? doctorNames?.get(entry.doctorId) : undefined}
                  onToggle={() => setOpen(entry.id === open ? null : entry.id)}
                  onAct={(action) => act(action, entry)}
                />
              ))}
          </ol>
        </section>
      ))}
      {clinicIds.map((id) => (
        <PolicyLine key={id} clinicId={id} isNamed={clinicIds.length > 1} />
      ))}
      {asking && (
        <Asking
          key={asking.entry.id + asking.action}
          {...asking}
          doctorId={scope.doctorId}
          onChosen={chosen(asking.entry)}
          onClose={() => ask(null)}
        />
      )}
    </div>
  );
}

interface AskingProps {
  action: EntryAction;
  entry: StaffEntryView;
  doctorId: string | null | undefined;
  onChosen: (change: Change, words: string) => void;
  onClose: () => void;
}

/** What has to be said before something is done. */
export function Asking({ action, ...rest }: AskingProps) {
  const policy = usePolicy(rest.entry.clinicId).value;
  switch (action) {
    case "promote":
    case "invite":
      return policy && <ChooseTime kind={action} policy={policy} {...rest} />;
    case "defer":
      return <DeferDialog {...rest} />;
    case "cancel":
      return <CancelEntryDialog {...rest} />;
    case "place":
      return <PlaceDialog {...rest} />;
    default:
      return null;
  }
}

function focused(target: EventTarget | null): string | undefined {
  const item = (target as HTMLElement | null)?.closest(".wait");
  return item?.querySelector<HTMLElement>("[data-entry]")?.dataset.entry;
}

function focusEntry(frame: HTMLElement | null, id: string | undefined): void {
  if (id) frame?.querySelector<HTMLElement>(`[data-entry="${id}"]`)?.focus();
}
