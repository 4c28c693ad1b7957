import { useState } from "preact/hooks";
import type { EquipmentView, RoomView } from "../../../generated/contract";
import { byName } from "../../../shared/names";
import { isAdmin } from "../../../staff/account";
import { clinicName, clinicOf } from "../../../staff/directory";
import { useResource } from "../../../staff/resource";
import { all, get, post } from "../../../staff/rest";
import { Failure, Loading } from "../../../staff/states";
import { attempt } from "../../../staff/toasts";
import { Page } from "../../parts/page";
import { address } from "../../state/address";
import { EQUIPMENT_TYPES, optionsOf } from "./model/words";
import { IdentityCard } from "./parts/identity-card";
import { MaintenanceCard } from "./parts/maintenance-card";
import { RetireButton } from "./parts/retire-button";
import { StateChip } from "./parts/state-chip";

/** One device: what it is, where it stands and stood, and when it cannot be used. */
export function EquipmentPage({ id }: { id: string }) {
  const path = `/api/equipment/${id}`;
  const found = useResource(path, () => get<EquipmentView>(path));
  const above = { label: "Equipment", href: address("rooms/equipment") };
  const one = found.value;
  if (one === null)
    return (
      <Page title="Equipment" above={above}>
        {found.failure ? (
          <Failure what="it" error={found.failure} retry={() => void found.reload()} />
        ) : (
          <Loading what="the equipment" />
        )}
      </Page>
    );
  const zone = clinicOf(one.clinicId)?.timezone ?? "UTC";
  return (
    <Page
      title={one.name}
      above={above}
      lead={
        <span class="chips">
          {EQUIPMENT_TYPES[one.type]} · {clinicName(one.clinicId)} <StateChip of={one} />
        </span>
      }
      actions={isAdmin.value && <RetireButton of={one} path={path} reload={found.reload} />}
    >
      <div class="columns">
        <div class="column">
          <PlaceCard one={one} zone={zone} take={found.take} reload={found.reload} />
          <MaintenanceCard
            of={one}
            path={path}
            zone={zone}
            take={found.take}
            reload={found.reload}
          />
        </div>
        <IdentityCard of={one} path={path} types={optionsOf(EQUIPMENT_TYPES)} take={found.take} />
      </div>
    </Page>
  );
}

interface PlaceProps {
  one: EquipmentView;
  zone: string;
  take: (now: EquipmentView) => void;
  reload: () => Promise<void>;
}

const NOWHERE = "";

/** Where it stands, and where it stood before. */
function PlaceCard({ one, zone, take, reload }: PlaceProps) {
  const rooms = useResource(`rooms/${one.clinicId}`, () =>
    all<RoomView>(`/api/rooms?clinicId=${one.clinicId}&limit=200`),
  );
  const [picked, setPicked] = useState<string | null>(null);
  const here = one.roomId ?? NOWHERE;
  const wanted = picked ?? here;
  const open = byName((rooms.value ?? []).filter((room) => room.active));
  const nameOf = (id: string): string => rooms.value?.find((room) => room.id === id)?.name ?? "…";
  const move = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const call = () =>
      post<EquipmentView>(
        `/api/equipment/${one.id}/assignments`,
        { roomId: wanted || null },
        { version: one.version },
      ).then(take);
    const done = wanted ? `${one.name} stands in ${nameOf(wanted)}.` : `${one.name} is put away.`;
    if (await attempt(call, done)) setPicked(null);
    else await reload();
  };
  const shown = new Intl.DateTimeFormat(undefined, { timeZone: zone, dateStyle: "medium" });
  const lines = [...one.assignments].sort((a, b) => b.from.localeCompare(a.from));
  return (
    <section class="card">
      <h2>Where it stands</h2>
      {isAdmin.value && one.active && (
        <form class="add-line" onSubmit={(event) => void move(event)}>
          <select
            aria-label="Room"
            value={wanted}
            onChange={(event) => setPicked(event.currentTarget.value)}
          >
            <option value={NOWHERE} selected={wanted === NOWHERE}>
              In no room
            </option>
            {open.map((room) => (
              <option key={room.id} value={room.id} selected={room.id === wanted}>
                {room.name}
              </option>
            ))}
          </select>
          <button type="submit" disabled={wanted === here}>
            Move
          </button>
        </form>
      )}
      <ul class="rows">
        {lines.map(({ id, roomId, from, until }) => (
          <li key={id}>
            <span>
              {nameOf(roomId)} {until === null && <span class="chip chip-ok">Now</span>}
            </span>
            <span class="hint">
              {shown.format(new Date(from))} – {until ? shown.format(new Date(until)) : "today"}
            </span>
          </li>
        ))}
      </ul>
      {lines.length === 0 && <p class="hint">It has not stood in any room yet.</p>}
    </section>
  );
}
