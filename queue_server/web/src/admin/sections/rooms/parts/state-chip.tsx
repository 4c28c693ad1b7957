import type { MaintenanceView } from "../../../../generated/contract";
import { maintenanceNow } from "../model/words";

interface StateChipProps {
  of: { active: boolean; maintenance: readonly MaintenanceView[] };
}

/** Whether a room or a device can be used now. */
export function StateChip({ of }: StateChipProps) {
  if (!of.active) return <span class="chip">Removed</span>;
  if (maintenanceNow(of)) return <span class="chip chip-warn">In maintenance</span>;
  return <span class="chip chip-ok">Usable</span>;
}
