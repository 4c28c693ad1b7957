import { useEffect, useState } from "preact/hooks";
import type { ClinicDetail, LaneDoctor } from "../../generated/contract";
import { chooseLanes, clinicsOf, doctorsOf, mayWatch } from "../state/account";
import { lanes } from "../state/board";
import { preferences } from "../state/preferences";

const FIRST_LANES = 3;

/** The clinic, and the doctors in the order their lanes shall have. */
export function LaneChoice({ onChosen }: { onChosen: () => void }) {
  const [clinics, setClinics] = useState<ClinicDetail[]>([]);
  const [clinicId, setClinicId] = useState(preferences.value.clinicId);
  const [doctors, setDoctors] = useState<LaneDoctor[] | null>(null);
  const [chosen, setChosen] = useState<string[]>(lanes.value);
  const [failure, setFailure] = useState("");
  const fail = (error: Error): void => setFailure(error.message);

  useEffect(() => {
    clinicsOf()
      .then((found) => {
        setClinics(found);
        setClinicId((known) => known ?? found[0]?.id ?? null);
      })
      .catch(fail);
  }, []);
  useEffect(() => {
    if (clinicId === null) return;
    // Whoever looks through the clinics by keyboard asks for several; the last one counts.
    let isCurrent = true;
    setDoctors(null);
    doctorsOf(clinicId)
      .then((all) => {
        if (!isCurrent) return;
        const found = all.filter(mayWatch);
        setDoctors(found);
        setFailure("");
        setChosen((before) => stillThere(before, found));
      })
      .catch((error: Error) => isCurrent && fail(error));
    return () => {
      isCurrent = false;
    };
  }, [clinicId]);

  const toggle = (id: string): void =>
    setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (clinicId === null) return;
    chooseLanes(clinicId, doctors ?? [], chosen);
    onChosen();
  };
  return (
    <form class="form" onSubmit={submit}>
      {failure && (
        <p role="alert" class="failure">
          {failure} Reload the page to try again.
        </p>
      )}
      {clinics.length > 1 && (
        <label>
          Clinic
          <select
            value={clinicId ?? ""}
            onChange={(event) => setClinicId(event.currentTarget.value)}
          >
            {clinics.map((clinic) => (
              <option key={clinic.id} value={clinic.id}>
                {clinic.name}
              </option>
            ))}
          </select>
        </label>
      )}
      <fieldset>
        <legend>Doctors, in the order you tick them</legend>
        {doctors?.map((doctor) => (
          <DoctorCheck key={doctor.id} doctor={doctor} chosen={chosen} onToggle={toggle} />
        ))}
        {doctors?.length === 0 && <p>No doctor of this clinic for you. Choose another clinic.</p>}
        {!doctors && !failure && <p>Loading…</p>}
      </fieldset>
      <div class="modal-actions">
        <button type="submit" class="primary" disabled={!doctors || chosen.length === 0}>
          {chosen.length === 0 ? "Choose a doctor" : `Show ${lanesOf(chosen.length)}`}
        </button>
      </div>
    </form>
  );
}

interface DoctorCheckProps {
  doctor: LaneDoctor;
  chosen: string[];
  onToggle: (id: string) => void;
}

function DoctorCheck({ doctor, chosen, onToggle }: DoctorCheckProps) {
  const place = chosen.indexOf(doctor.id);
  return (
    <label class="check">
      <input type="checkbox" checked={place >= 0} onChange={() => onToggle(doctor.id)} />
      <span>
        {doctor.name}
        <span class="choice-detail">
          {[doctor.specialty, doctor.room].filter(Boolean).join(" · ")}
        </span>
      </span>
      {place >= 0 && <kbd class="check-place">{place + 1}</kbd>}
    </label>
  );
}

/** Who of the choice works in this clinic; at a fresh desk, the first few doctors. */
function stillThere(chosen: string[], found: LaneDoctor[]): string[] {
  const ids = found.map((doctor) => doctor.id);
  const kept = chosen.filter((id) => ids.includes(id));
  return kept.length > 0 ? kept : ids.slice(0, FIRST_LANES);
}

function lanesOf(count: number): string {
  return count === 1 ? "1 lane" : `${count} lanes`;
}
