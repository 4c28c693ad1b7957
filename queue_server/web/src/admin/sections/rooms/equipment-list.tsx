import { useState } from "preact/hooks";
import type { EquipmentView, RoomView } from "../../../generated/contract";
import { byName } from "../../../shared/names";
import { follow } from "../../../shared/route";
import { isAdmin } from "../../../staff/account";
import { clinicName, clinics } from "../../../staff/directory";
import { useResource } from "../../../staff/resource";
import { all, query } from "../../../staff/rest";
import { Empty, Loaded } from "../../../staff/states";
import { Page } from "../../parts/page";
import { address, clinicFilter, goTo } from "../../state/address";
import { EQUIPMENT_TYPES, optionsOf } from "./model/words";
import { NewResource } from "./parts/new-resource";
import { ResourceTabs } from "./parts/resource-tabs";
import { StateChip } from "./parts/state-chip";

interface Inventory {
  equipment: EquipmentView[];
  rooms: RoomView[];
}

/** The equipment of all clinics, or of the one in the address, and where it stands. */
export function EquipmentList() {
  const [isAdding, setAdding] = useState(false);
  const text = query({ clinicId: clinicFilter.value, limit: 200 });
  const found = useResource<Inventory>(`inventory${text}`, async () => {
    const [equipment, rooms] = await Promise.all([
      all<EquipmentView>(`/api/equipment${text}`),
      all<RoomView>(`/api/rooms${text}`),
    ]);
    return { equipment, rooms };
  });
  return (
    <Page
      title="Rooms & equipment"
      actions={
        isAdmin.value &&
        (clinics.value ?? []).length > 0 && (
          <button type="button" class="primary" onClick={() => setAdding(true)}>
            New equipment
          </button>
        )
      }
    >
      <ResourceTabs here="equipment" />
      <Loaded of={found} what="the equipment">
        {(inventory) => <EquipmentTable {...inventory} />}
      </Loaded>
      {isAdding && (
        <NewResource<EquipmentView>
          title="New equipment"
          path="/api/equipment"
          types={optionsOf(EQUIPMENT_TYPES)}
          firstType="other"
          close={() => setAdding(false)}
          made={(one) => goTo(`rooms/equipment/${one.id}`)}
        />
      )}
    </Page>
  );
}

function EquipmentTable({ equipment, rooms }: Inventory) {
  if (equipment.length === 0)
    return (
      <Empty title="There is no equipment here yet">
        <p>Add what visits need to be planned around: an ultrasound, a dental unit.</p>
      </Empty>
    );
  const roomName = (id: string | null): string =>
    rooms.find((room) => room.id === id)?.name ?? (id === null ? "In no room" : "A room");
  return (
    <div class="table-frame">
      <table class="table stacked">
        <caption class="sr-only">Equipment</caption>
        <thead>
          <tr>
            <th scope="col">Equipment</th>
            <th scope="col">Kind</th>
            <th scope="col">Room</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {byName(equipment).map((one) => (
            <tr key={one.id}>
              <th scope="row">
                <a class="row-link" href={address(`rooms/equipment/${one.id}`)} onClick={follow}>
                  {one.name}
                </a>
                <span class="sub">{clinicName(one.clinicId)}</span>
              </th>
              <td>{EQUIPMENT_TYPES[one.type]}</td>
              <td>{roomName(one.roomId)}</td>
              <td>
                <StateChip of={one} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
