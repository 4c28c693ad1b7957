import type { ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import type { FoundAppointment, PatientView } from "../../generated/contract";
import { get, query } from "../../staff/rest";
import { peopleOf } from "../model/patient";

const ENOUGH = 2;
const PAUSE_MS = 180;
const MOST = 8;

interface PatientChoiceProps {
  label: string;
  /** What to do with somebody who is not found; without it only known people can be chosen. */
  onNew?: (typed: string) => void;
  onChosen: (patient: PatientView) => void;
  error?: string | undefined;
}

/** Find a patient by name or phone, or begin a new one with what was typed. */
export function PatientChoice({ label, onNew, onChosen, error }: PatientChoiceProps) {
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const [isOpen, setOpen] = useState(false);
  const { people, state } = usePeople(typed);
  const id = useId();
  const canAdd = onNew !== undefined && typed.trim() !== "" && state !== "looking";
  const count = people.length + (canAdd ? 1 : 0);
  const current = Math.min(at, count - 1);
  const choose = (place: number): void => {
    const patient = people[place];
    setOpen(false);
    if (patient) onChosen(patient);
    else if (canAdd) onNew(typed);
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && count > 0) {
      event.preventDefault();
      setOpen(true);
      setAt((current + step + count) % count);
    } else if (event.key === "Enter" && typed.trim()) {
      event.preventDefault();
      if (isOpen && count > 0) choose(current);
      else setOpen(true);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      setOpen(false);
    }
  };
  return (
    <div class={error ? "field field-wrong patient-choice" : "field patient-choice"}>
      <label for={id}>{label}</label>
      <input
        id={id}
        role="combobox"
        aria-expanded={isOpen && count > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && count > 0 ? `${id}-${current}` : undefined}
        aria-invalid={error ? "true" : undefined}
        aria-describedby={`${id}-hint`}
        autocomplete="off"
        placeholder="Name or phone number"
        maxLength={100}
        value={typed}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
          setOpen(true);
        }}
        onKeyDown={onKey}
        onBlur={() => setOpen(false)}
      />
      <div
        id={`${id}-list`}
        class="patient-list"
        role="listbox"
        aria-label="Patients found"
        hidden={!isOpen || count === 0}
      >
        {people.map((patient, place) => (
          <PatientOption
            key={patient.id}
            id={`${id}-${place}`}
            isCurrent={place === current}
            onChoose={() => choose(place)}
          >
            <strong>{patient.name}</strong>
            <span class="hint">
              {[patient.phone, patient.email].filter(Boolean).join(" · ") || "no contact known"}
            </span>
          </PatientOption>
        ))}
        {canAdd && (
          <PatientOption
            key="new"
            id={`${id}-${people.length}`}
            isCurrent={people.length === current}
            onChoose={() => choose(people.length)}
          >
            <strong>New patient: {typed.trim()}</strong>
          </PatientOption>
        )}
      </div>
      <p class="field-hint" id={`${id}-hint`} role="status">
        {error ?? hintOf(typed, state, people.length, onNew !== undefined)}
      </p>
    </div>
  );
}

interface PatientOptionProps {
  id: string;
  isCurrent: boolean;
  onChoose: () => void;
  children: ComponentChildren;
}

function PatientOption({ id, isCurrent, onChoose, children }: PatientOptionProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keyboard
    // biome-ignore lint/a11y/useFocusableInteractive: named by the field's active descendant
    <div
      id={id}
      role="option"
      aria-selected={isCurrent}
      class={isCurrent ? "is-current" : undefined}
      // A press takes the focus from the field, which would close the list before the click.
      onMouseDown={(event) => event.preventDefault()}
      onClick={onChoose}
    >
      {children}
    </div>
  );
}

type Looking = "idle" | "looking" | "found" | "failed";

function hintOf(typed: string, state: Looking, count: number, canAdd: boolean): string {
  if (typed.trim().length < ENOUGH) return "The beginning of the name, or the whole phone number.";
  if (state === "looking") return "Looking…";
  if (state === "failed")
    return `No connection: patients cannot be looked up.${canAdd ? " Book as a new one, or try again." : ""}`;
  if (count > 0) return `${count} found. Arrow keys and Enter choose.`;
  return canAdd
    ? "Nobody found. Enter begins a new patient."
    : "Nobody found. Begin with the first letters of the name.";
}

function usePeople(typed: string): { people: PatientView[]; state: Looking } {
  const [found, setFound] = useState<{ of: string; people: PatientView[]; isWhole: boolean }>({
    of: "",
    people: [],
    isWhole: true,
  });
  const wanted = typed.trim();
  useEffect(() => {
    if (wanted.length < ENOUGH) return;
    let isOld = false;
    const take = (people: PatientView[], isWhole: boolean): void => {
      if (!isOld) setFound({ of: wanted, people, isWhole });
    };
    const timer = setTimeout(() => {
      get<FoundAppointment[]>(`/api/patients${query({ search: wanted, limit: MOST })}`).then(
        (answer) => take(peopleOf(answer), true),
        () => take([], false),
      );
    }, PAUSE_MS);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [wanted]);
  if (wanted.length < ENOUGH) return { people: [], state: "idle" };
  if (found.of !== wanted) return { people: [], state: "looking" };
  return { people: found.people, state: found.isWhole ? "found" : "failed" };
}
