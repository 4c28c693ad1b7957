import { useState } from "preact/hooks";
import type { DoctorDetail, RoomView } from "../../../generated/contract";
import { byName } from "../../../shared/names";
import { follow } from "../../../shared/route";
import { isAdmin } from "../../../staff/account";
import { clinicName, clinics, todayAt } from "../../../staff/directory";
import { useResource } from "../../../staff/resource";
import { all, query } from "../../../staff/rest";
import { Empty, Loaded } from "../../../staff/states";
import { Page } from "../../parts/page";
import { address, clinicFilter, goTo } from "../../state/address";
import { assignedOn } from "./model/assignments";
import { optionsOf, ROOM_TYPES } from "./model/words";
import { NewResource } from "./parts/new-resource";
import { ResourceTabs } from "./parts/resource-tabs";
import { StateChip } from "./parts/state-chip";

/** The rooms of all clinics, or of the one in the address. */
export function RoomList() {
  const [isAdding, setAdding] = useState(false);
  const path = `/api/rooms${query({ clinicId: clinicFilter.value, limit: 200 })}`;
  const rooms = useResource(path, () => all<RoomView>(path));
  const doctors = useDoctorNames();
  return (
    <Page
      title="Rooms & equipment"
      actions={
        isAdmin.value &&
        (clinics.value ?? []).length > 0 && (
          <button type="button" class="primary" onClick={() => setAdding(true)}>
            New room
          </button>
        )
      }
    >
      <ResourceTabs here="rooms" />
      <Loaded of={rooms} what="the rooms">
        {(found) =>
          found.length === 0 ? <NoRooms /> : <RoomTable rooms={byName(found)} doctors={doctors} />
        }
      </Loaded>
      {isAdding && (
        <NewResource<RoomView>
          title="New room"
          path="/api/rooms"
          types={optionsOf(ROOM_TYPES)}
          firstType="consultation"
          close={() => setAdding(false)}
          made={(room) => goTo(`rooms/${room.id}`)}
        />
      )}
    </Page>
  );
}

/** What doctors are called, by id; empty until it is known. */
export function useDoctorNames(): ReadonlyMap<string, string> {
  const found = useResource("doctor-names", () => all<DoctorDetail>("/api/doctors?limit=200"));
  return new Map((found.value ?? []).map(({ id, name }) => [id, name]));
}

interface RoomTableProps {
  rooms: readonly RoomView[];
  doctors: ReadonlyMap<string, string>;
}

function RoomTable({ rooms, doctors }: RoomTableProps) {
  const doctorOf = (room: RoomView): string => {
    const id = assignedOn(room, todayAt(room.clinicId))?.doctorId;
    return id === undefined ? "Nobody" : (doctors.get(id) ?? "A doctor");
  };
  return (
    <div class="table-frame">
      <table class="table stacked">
        <caption class="sr-only">Rooms</caption>
        <thead>
          <tr>
            <th scope="col">Room</th>
            <th scope="col">For</th>
            <th scope="col">Whose today</th>
            <th scope="col">Equipment</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {rooms.map((room) => (
            <tr key={room.id}>
              <th scope="row">
                <a class="row-link" href={address(`rooms/${room.id}`)} onClick={follow}>
                  {room.name}
                </a>
                <span class="sub">{clinicName(room.clinicId)}</span>
              </th>
              <td>{ROOM_TYPES[room.type]}</td>
              <td>{doctorOf(room)}</td>
              <td>
                <span class="stacked-label">Equipment: </span>
                {room.equipmentIds.length}
              </td>
              <td>
                <StateChip of={room} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NoRooms() {
  if ((clinics.value ?? []).length === 0)
    return (
      <Empty title="Rooms belong to a clinic">
        <p>Add a clinic first.</p>
        <a class="button primary" href={address("clinics")} onClick={follow}>
          Clinics
        </a>
      </Empty>
    );
  return (
    <Empty title="There are no rooms here yet">
      <p>
        Doctors can work without any. With rooms, no two of them get the same one at the same time,
        and a room in maintenance is not used.
      </p>
    </Empty>
  );
}
