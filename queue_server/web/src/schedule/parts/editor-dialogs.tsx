import { type Editable, merged } from "../model/conflict";
import type { Band } from "../model/layers";
import { bodyOf, type Editing } from "../state/editing";
import type { DoctorCalendar, Resources, Schedule } from "../wire";
import { NewClosure, StandingClosure } from "./closure-dialog";
import { OverrideDialog } from "./override-dialog";
import { Review } from "./review";
import { StaleDialog } from "./stale-dialog";

/** The dialog that lies over the editor. */
export type Open =
  | { kind: "review" }
  | { kind: "stale"; theirs: Schedule; by: string }
  | { kind: "date"; date: string }
  | { kind: "close" }
  | { kind: "closure"; band: Band };

interface EditorDialogsProps {
  open: Open | null;
  onOpen: (open: Open | null) => void;
  before: Schedule | null;
  editing: Editing;
  doctorId: string;
  calendar: DoctorCalendar | null;
  zone: string;
  clinicName: string;
  resources: Resources;
  /** The date on which a stretch is closed unless another one is chosen. */
  closeOn: string;
  onSaved: (schedule: Schedule) => void;
  onChanged: () => void;
  onRefused: (error: Error) => boolean;
  onKeepBoth: (theirs: Schedule, both: Editable) => void;
}

/** What is asked and shown over the editor of a week. */
export function EditorDialogs(props: EditorDialogsProps) {
  const { open, onOpen, before, editing, doctorId, calendar, zone, resources } = props;
  const close = () => onOpen(null);
  if (open === null) return null;
  if (open.kind === "review") {
    const write = before
      ? {
          method: "PUT" as const,
          path: `/api/schedules/${before.id}`,
          body: bodyOf(editing),
          version: before.version,
        }
      : {
          method: "POST" as const,
          path: `/api/doctors/${doctorId}/schedules`,
          body: { ...bodyOf(editing), clinicId: editing.clinicId },
        };
    return (
      <Review<Schedule>
        title={before ? "Save the weekly hours" : "Save the new schedule"}
        yes="Save"
        write={write}
        onDone={props.onSaved}
        onBack={close}
        onRefused={props.onRefused}
      />
    );
  }
  if (before === null) return null;
  switch (open.kind) {
    case "stale": {
      const both = merged(before, open.theirs, bodyOf(editing));
      return (
        <StaleDialog
          before={before}
          theirs={open.theirs}
          both={both}
          by={open.by}
          resources={resources}
          onKeepBoth={() => props.onKeepBoth(open.theirs, both)}
          onDiscard={() => props.onSaved(open.theirs)}
          onBack={close}
        />
      );
    }
    case "date":
      return (
        <OverrideDialog
          schedule={before}
          date={open.date}
          resources={resources}
          onSaved={props.onChanged}
          onClose={close}
        />
      );
    case "close":
      return (
        <NewClosure
          scheduleId={before.id}
          version={before.version}
          date={props.closeOn}
          zone={zone}
          clinicName={props.clinicName}
          onSaved={props.onChanged}
          onClose={close}
        />
      );
    case "closure": {
      const closure = calendar?.exceptions.find((one) => one.id === open.band.source);
      if (!closure) return null;
      return (
        <StandingClosure
          closure={closure}
          band={open.band}
          zone={zone}
          onSaved={props.onChanged}
          onClose={close}
        />
      );
    }
  }
}
