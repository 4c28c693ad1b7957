import { useState } from "preact/hooks";
import type { DoctorDetail, RoomView } from "../../../../generated/contract";
import { follow } from "../../../../shared/route";
import { isAdmin } from "../../../../staff/account";
import { clinicName, todayAt } from "../../../../staff/directory";
import { useResource } from "../../../../staff/resource";
import { all, post } from "../../../../staff/rest";
import { Loaded } from "../../../../staff/states";
import { attempt } from "../../../../staff/toasts";
import type { DoctorTabProps } from "../../../section";
import { address } from "../../../state/address";
import { assignedOn } from "../../rooms/model/assignments";

/** Which rooms are the doctor's, clinic by clinic. */
export function RoomsCard({ doctor, reload }: DoctorTabProps) {
  const key = `rooms/${doctor.clinicIds.join()}`;
  const rooms = useResource(key, () => all<RoomView>("/api/rooms?limit=200"));
  const refresh = async (): Promise<void> => {
    await Promise.all([rooms.reload(), reload()]);
  };
  return (
    <section class="card">
      <h2>Rooms</h2>
      {doctor.clinicIds.length === 0 ? (
        <p class="hint">Choose a clinic first.</p>
      ) : (
        <Loaded of={rooms} what="the rooms">
          {(found) => (
            <ul class="rows">
              {doctor.clinicIds.map((clinic) => (
                <ClinicRooms
                  key={clinic}
                  doctor={doctor}
                  clinic={clinic}
                  rooms={found.filter((room) => room.clinicId === clinic && room.active)}
                  refresh={refresh}
                />
              ))}
            </ul>
          )}
        </Loaded>
      )}
    </section>
  );
}

interface ClinicRoomsProps {
  doctor: DoctorDetail;
  clinic: string;
  rooms: readonly RoomView[];
  refresh: () => Promise<void>;
}

function ClinicRooms({ doctor, clinic, rooms, refresh }: ClinicRoomsProps) {
  const [picked, setPicked] = useState("");
  const [isBusy, setBusy] = useState(false);
  const today = todayAt(clinic);
  const mine = rooms.filter((room) => assignedOn(room, today)?.doctorId === doctor.id);
  const others = rooms.filter((room) => !mine.includes(room));
  const free = others.find((room) => !assignedOn(room, today));
  const wanted = others.find(({ id }) => id === picked) ?? free ?? others[0];
  const assign = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!wanted) return;
    setBusy(true);
    const path = `/api/rooms/${wanted.id}/assignments`;
    const body = { doctorId: doctor.id };
    const done = `${wanted.name} is ${doctor.name}'s room from today on.`;
    await attempt(() => post(path, body).then(refresh), done);
    setBusy(false);
  };
  return (
    <li>
      <div>
        <strong>{clinicName(clinic)}</strong>
        <span class="sub">
          {mine.map(({ name }) => name).join(", ") ||
            (rooms.length > 0 ? "No room of their own yet" : "This clinic has no rooms")}
        </span>
      </div>
      {isAdmin.value && wanted && (
        <form class="add-line" onSubmit={(event) => void assign(event)}>
          <select
            aria-label={`Room at ${clinicName(clinic)}`}
            value={wanted.id}
            onChange={(event) => setPicked(event.currentTarget.value)}
          >
            {others.map((room) => (
              <option key={room.id} value={room.id} selected={room.id === wanted.id}>
                {room.name}
                {assignedOn(room, today) ? " – taken" : ""}
              </option>
            ))}
          </select>
          <button type="submit" disabled={isBusy}>
            Assign
          </button>
        </form>
      )}
      {isAdmin.value && rooms.length === 0 && (
        <a href={address("rooms")} onClick={follow}>
          Rooms
        </a>
      )}
    </li>
  );
}
