import type { SectionProps } from "../../section";
import { EquipmentList } from "./equipment-list";
import { EquipmentPage } from "./equipment-page";
import { RoomList } from "./room-list";
import { RoomPage } from "./room-page";

/** Rooms and equipment of the clinics: `rooms[/id]` and `rooms/equipment[/id]`. */
export default function Rooms({ path }: SectionProps) {
  const [first, second] = path;
  if (first === undefined) return <RoomList />;
  if (first !== "equipment") return <RoomPage key={first} id={first} />;
  if (second === undefined) return <EquipmentList />;
  return <EquipmentPage key={second} id={second} />;
}
