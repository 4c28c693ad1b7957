import { follow } from "../../../../shared/route";
import { address } from "../../../state/address";

/** The two lists of this section. */
export function ResourceTabs({ here }: { here: "rooms" | "equipment" }) {
  return (
    <nav class="tabs" aria-label="Rooms and equipment">
      <a
        href={address("rooms")}
        aria-current={here === "rooms" ? "page" : undefined}
        onClick={follow}
      >
        Rooms
      </a>
      <a
        href={address("rooms/equipment")}
        aria-current={here === "equipment" ? "page" : undefined}
        onClick={follow}
      >
        Equipment
      </a>
    </nav>
  );
}
