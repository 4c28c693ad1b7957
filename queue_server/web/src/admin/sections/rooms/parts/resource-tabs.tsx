import { Tabs } from "../../../parts/tabs";
import { address } from "../../../state/address";

/** The two lists of this section. */
export function ResourceTabs({ here }: { here: "rooms" | "equipment" }) {
  return (
    <Tabs
      label="Rooms and equipment"
      here={here}
      tabs={[
        { name: "rooms", label: "Rooms", href: address("rooms") },
        { name: "equipment", label: "Equipment", href: address("rooms/equipment") },
      ]}
    />
  );
}
