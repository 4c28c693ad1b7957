import { useMemo } from "preact/hooks";
import { useResource } from "../../staff/resource";
import { all } from "../../staff/rest";
import type { Equipment, Resources, Room } from "../wire";

/** Rooms and equipment of the account's clinics; none until they are read. */
export function useResources(): Resources {
  const rooms = useResource("rooms", () => all<Room>("/api/rooms?limit=200")).value;
  const equipment = useResource("equipment", () =>
    all<Equipment>("/api/equipment?limit=200"),
  ).value;
  return useMemo(() => ({ rooms: rooms ?? [], equipment: equipment ?? [] }), [rooms, equipment]);
}

/** What can be planned at a clinic. */
export function usableAt({ rooms, equipment }: Resources, clinicId: string): Resources {
  const isUsable = (one: Room | Equipment) => one.clinicId === clinicId && one.active;
  return { rooms: rooms.filter(isUsable), equipment: equipment.filter(isUsable) };
}

/** The names of some equipment, in words. */
export function equipmentNames({ equipment }: Resources, ids: readonly string[]): string {
  return ids
    .map((id) => equipment.find((one) => one.id === id)?.name ?? "other equipment")
    .join(", ");
}
