import { useState } from "preact/hooks";
import { follow, navigate, route } from "../../shared/route";
import { clinics } from "../../staff/directory";
import { Candidates } from "../../waitlist/parts/candidates";
import { WaitlistPanel } from "../../waitlist/parts/waitlist-panel";
import { useTold } from "../../waitlist/state/told";
import { useWaitlist } from "../../waitlist/state/use-waitlist";
import { look, type Place, placeOf } from "../state/place";
import { useDoctors } from "../state/times";
import { JoinDialog } from "./join-dialog";

/** Who waits for a time, as reception works it; and who could have one that was given back. */
export function WaitlistPage() {
  const { query } = route.value;
  const place = placeOf(query);
  const vacancy = query.get("vacancy");
  const doctors = useDoctors(place.clinicId).value ?? [];
  const scope = { clinicId: place.clinicId, doctorId: place.doctorId || null };
  const told = useTold([place.clinicId]);
  const list = useWaitlist(scope, told.news, told.isTold);
  const [isJoining, join] = useState(false);
  const count = list.entries.value?.length ?? 0;
  return (
    <>
      <header class="page-head">
        <div>
          <h1>Waitlist</h1>
          <p class="hint" role="status">
            {count === 0 ? "Nobody waits here." : `${count} waiting, the first one on top.`}
          </p>
        </div>
        <button type="button" class="primary" onClick={() => join(true)}>
          Add somebody…
        </button>
      </header>
      {vacancy && (
        <>
          <Candidates key={vacancy} appointmentId={vacancy} />
          <p>
            <a href={`/desk/waitlist?clinic=${place.clinicId}`} onClick={follow}>
              Done with this time: the whole list
            </a>
          </p>
        </>
      )}
      <Filters place={place} doctors={doctors} />
      <h2 class="sr-only">The list</h2>
      <WaitlistPanel
        scope={scope}
        clinicIds={[place.clinicId]}
        list={list}
        canAct
        doctorNames={new Map(doctors.map(({ id, name }) => [id, name]))}
        emptyWords="Add whoever asks for a time sooner than one is free; the list asks them when one is."
      />
      {isJoining && (
        <JoinDialog
          clinicId={place.clinicId}
          doctors={doctors}
          onJoined={() => void list.reload()}
          onClose={() => join(false)}
        />
      )}
    </>
  );
}

interface FiltersProps {
  place: Place;
  doctors: readonly { id: string; name: string }[];
}

function Filters({ place, doctors }: FiltersProps) {
  const known = clinics.value ?? [];
  return (
    <div class="filters">
      {known.length > 1 && (
        <label>
          <span class="filter-label">Clinic</span>
          <select
            value={place.clinicId}
            onChange={(event) => navigate(`/desk/waitlist?clinic=${event.currentTarget.value}`)}
          >
            {known.map(({ id, name }) => (
              <option key={id} value={id} selected={id === place.clinicId}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <label class="filter-wide">
        <span class="filter-label">Waits for</span>
        <select
          value={place.doctorId}
          onChange={(event) => look({ doctorId: event.currentTarget.value })}
        >
          <option value="" selected={place.doctorId === ""}>
            Everybody who waits here
          </option>
          {doctors.map(({ id, name }) => (
            <option key={id} value={id} selected={id === place.doctorId}>
              {name} or any doctor
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
