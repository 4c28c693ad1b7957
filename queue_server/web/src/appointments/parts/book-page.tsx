import { useComputed } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type {
  PatientDetailsView,
  PatientView,
  SlotBookingView,
  SlotView,
} from "../../generated/contract";
import { when } from "../../schedule/parts/affected";
import { usableAt, useResources } from "../../schedule/state/resources";
import { zoneOf } from "../../schedule/state/zones";
import { now } from "../../shared/clock";
import { route } from "../../shared/route";
import { type Draft, useDraft } from "../../staff/draft";
import { DraftForm } from "../../staff/draft-form";
import { ChecksField, SelectField } from "../../staff/fields";
import { spelled } from "../../staff/model/names";
import { get } from "../../staff/rest";
import { tellRefused } from "../../staff/toasts";
import { holdStage } from "../model/hold";
import { bodyOf, faultsOf, type NewPatient } from "../model/patient";
import { incomplete, refusalWords } from "../model/refusals";
import { giveUpWhenLeft, hold, holding, holdTime, notHeld } from "../state/holding";
import { look, type Place, patientOf, placeOf } from "../state/place";
import { bookHeld } from "../state/visits";
import { Booked } from "./booked";
import { HoldBar } from "./hold-bar";
import { NearTimes } from "./near-times";
import { PatientCard, type Who } from "./patient-card";
import { TimePicker } from "./time-picker";

interface Details extends NewPatient {
  visitType: string;
  equipmentIds: string[];
}

const NOTHING: Details = {
  name: "",
  phone: "",
  email: "",
  language: "en",
  visitType: "consultation",
  equipmentIds: [],
};

const VISITS = ["consultation", "follow_up", "procedure", "vaccination", "certificate"].map(
  (value) => ({ value, label: spelled(value) }),
);

const NOBODY = { field: "patient", message: "Choose a patient, or begin a new one." };

/** Book a time for a patient: choose it, it is held; say who comes, and book. */
export function BookPage() {
  const [turn, setTurn] = useState(0);
  const [booked, setBooked] = useState<{ made: SlotBookingView; name: string } | null>(null);
  useEffect(giveUpWhenLeft, []);
  if (booked)
    return (
      <Booked
        made={booked.made}
        name={booked.name}
        onNext={() => {
          look({}, null);
          setBooked(null);
          setTurn(turn + 1);
        }}
      />
    );
  return <Booking key={turn} onBooked={(made, name) => setBooked({ made, name })} />;
}

function Booking({ onBooked }: { onBooked: (made: SlotBookingView, name: string) => void }) {
  const place = placeOf(route.value.query);
  const draft = useDraft("booking", () => NOTHING);
  const [who, setWho] = useState<Who>(null);
  usePatientAsked(setWho);
  const details = useRef<HTMLDivElement>(null);
  const held = hold.value;
  const isOver = useComputed(
    () => hold.value !== null && holdStage(hold.value.expiresAt, now.value) === "over",
  );

  const pick = async (slot: SlotView): Promise<void> => {
    const said = when(slot.start, zoneOf(slot.clinicId));
    const pressed = document.activeElement;
    if (!(await holdTime(slot, place.mode, said))) return;
    draft.settle();
    // The next thing to do, unless something else is being done already. Where what was pressed has
    // gone with what it offered, the focus is nowhere.
    const { activeElement } = document;
    if (activeElement !== pressed && activeElement !== document.body) return;
    const next = who === null ? "[role=combobox]" : "[type=submit]";
    if (who === null || activeElement === document.body)
      details.current?.querySelector<HTMLElement>(next)?.focus();
  };
  const lookAt = (change: Partial<Place>): void => {
    look(change);
    // Equipment is a clinic's own; and a time is held for one way of meeting.
    if (change.clinicId) draft.set({ equipmentIds: [] });
    if (held && change.mode && change.mode !== held.mode)
      void holdTime(held.slot, change.mode, when(held.slot.start, zoneOf(held.slot.clinicId)));
  };
  // With the page, not a moment after it: by then somebody may be typing into the next field.
  useLayoutEffect(() => {
    // Somebody else was chosen or begun: what was said about nobody is settled.
    draft.settle();
    const next = who === "new" ? "input" : "select";
    if (who !== null) details.current?.querySelector<HTMLElement>(next)?.focus();
  }, [who === "new" ? "new" : (who?.id ?? "")]);

  const book = async (given: Details, key: string): Promise<void> => {
    const faults = who === null ? [NOBODY] : who === "new" ? faultsOf(given) : [];
    if (faults.length > 0) throw incomplete(faults);
    if (!held || isOver.value)
      throw new Error("No time is held. Choose one first; what you typed is kept.");
    const isKnown = who !== null && who !== "new";
    const made = await bookHeld(held, key, {
      patient: isKnown ? { id: who.id } : bodyOf(given),
      visitType: given.visitType,
      equipmentIds: held.mode === "in_person" ? given.equipmentIds : [],
    });
    onBooked(made, isKnown ? who.name : given.name.trim());
  };
  return (
    <>
      <header>
        <h1>Book</h1>
      </header>
      <div class="book">
        <section class="card" aria-labelledby="book-time">
          <h2 id="book-time">Time</h2>
          <TimePicker
            place={place}
            onPlace={lookAt}
            onPick={(slot) => void pick(slot)}
            chosen={isOver.value ? undefined : held?.slot.id}
            busy={holding.value}
          />
          {notHeld.value && (
            <div class="failure not-held" role="alert">
              <p>{notHeld.value.text}</p>
              {notHeld.value.wanted && (
                <NearTimes
                  gone={notHeld.value.wanted}
                  mode={place.mode}
                  onPick={(slot) => void pick(slot)}
                />
              )}
            </div>
          )}
        </section>
        <section class="card" aria-labelledby="book-who">
          <h2 id="book-who">Who comes</h2>
          <div ref={details}>
            <DraftForm draft={draft} save="Book" saving="Booking…" onSave={book} isNew>
              <PatientCard who={who} onWho={setWho} draft={draft} />
              <SelectField draft={draft} name="visitType" label="Visit" options={VISITS} />
              {(held?.mode ?? place.mode) === "in_person" && (
                <Besides draft={draft} clinicId={place.clinicId} />
              )}
            </DraftForm>
          </div>
        </section>
      </div>
      {held && <HoldBar hold={held} mode={place.mode} onPick={(slot) => void pick(slot)} />}
    </>
  );
}

/** Whoever the address names is chosen already; who cannot be read is looked for by name. */
function usePatientAsked(choose: (who: PatientView) => void): void {
  const asked = patientOf(route.value.query);
  useEffect(() => {
    if (asked === null) return;
    let isOld = false;
    get<PatientDetailsView>(`/api/patients/${asked}`).then(
      (patient) => isOld || choose(patient),
      (error) => isOld || tellRefused(refusalWords(error)),
    );
    return () => {
      isOld = true;
    };
  }, [asked]);
}

/** What is needed beside what every visit at this time has. */
function Besides({ draft, clinicId }: { draft: Draft<Details>; clinicId: string }) {
  const { equipment } = usableAt(useResources(), clinicId);
  if (equipment.length === 0) return null;
  return (
    <ChecksField
      draft={draft}
      name="equipmentIds"
      label="Extra equipment"
      options={equipment.map(({ id, name }) => ({ value: id, label: name }))}
    />
  );
}
