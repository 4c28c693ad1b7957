import type { EquipmentView, RoomView } from "../../../generated/contract";
import { follow } from "../../../shared/route";
import { isAdmin } from "../../../staff/account";
import { clinicName, clinicOf } from "../../../staff/directory";
import { useResource } from "../../../staff/resource";
import { all, get } from "../../../staff/rest";
import { Failure, Loaded, Loading } from "../../../staff/states";
import { Page } from "../../parts/page";
import { address } from "../../state/address";
import { EQUIPMENT_TYPES, optionsOf, ROOM_TYPES } from "./model/words";
import { AssignmentsCard } from "./parts/assignments-card";
import { IdentityCard } from "./parts/identity-card";
import { MaintenanceCard } from "./parts/maintenance-card";
import { RetireButton } from "./parts/retire-button";
import { StateChip } from "./parts/state-chip";

/** One room: what it is, whose it is, what stands in it, and when it cannot be used. */
export function RoomPage({ id }: { id: string }) {
  const path = `/api/rooms/${id}`;
  const found = useResource(path, () => get<RoomView>(path));
  const above = { label: "Rooms", href: address("rooms") };
  const room = found.value;
  if (room === null)
    return (
      <Page title="Room" above={above}>
        {found.failure ? (
          <Failure what="the room" error={found.failure} retry={() => void found.reload()} />
        ) : (
          <Loading what="the room" />
        )}
      </Page>
    );
  const zone = clinicOf(room.clinicId)?.timezone ?? "UTC";
  return (
    <Page
      title={room.name}
      above={above}
      lead={
        <span class="chips">
          {ROOM_TYPES[room.type]} · {clinicName(room.clinicId)} <StateChip of={room} />
        </span>
      }
      actions={isAdmin.value && <RetireButton of={room} path={path} reload={found.reload} />}
    >
      <div class="columns">
        <div class="column">
          <AssignmentsCard room={room} take={found.take} reload={found.reload} />
          <MaintenanceCard
            of={room}
            path={path}
            zone={zone}
            take={found.take}
            reload={found.reload}
          />
        </div>
        <div class="column">
          <IdentityCard of={room} path={path} types={optionsOf(ROOM_TYPES)} take={found.take} />
          <EquipmentCard room={room} />
        </div>
      </div>
    </Page>
  );
}

function EquipmentCard({ room }: { room: RoomView }) {
  const path = `/api/equipment?roomId=${room.id}&limit=200`;
  const found = useResource(`${path}@${room.version}`, () => all<EquipmentView>(path));
  return (
    <section class="card">
      <h2>Equipment in this room</h2>
      <Loaded of={found} what="the equipment">
        {(equipment) => (
          <ul class="rows">
            {equipment.map((one) => (
              <li key={one.id}>
                <a href={address(`rooms/equipment/${one.id}`)} onClick={follow}>
                  {one.name}
                </a>
                <span class="hint">{EQUIPMENT_TYPES[one.type]}</span>
              </li>
            ))}
            {equipment.length === 0 && (
              <li>
                <span class="hint">None.</span>
                <a href={address("rooms/equipment")} onClick={follow}>
                  All equipment
                </a>
              </li>
            )}
          </ul>
        )}
      </Loaded>
    </section>
  );
}
