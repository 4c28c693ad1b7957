import type { ReadonlySignal } from "@preact/signals";
import { isOffline } from "../../patient/connection";
import { time } from "../../patient/format";
import { t } from "../../patient/known";

export interface FreshnessProps {
  isLive: boolean;
  /** When the times were looked up or heard of last. */
  at: ReadonlySignal<number>;
  clinicId: string;
}

/** Whether changes of times come by themselves; without a network, how old they are. */
export function Freshness({ isLive, at, clinicId }: FreshnessProps) {
  if (isOffline.value) {
    return (
      <p class="freshness">{at.value > 0 && t("stale", { time: time(at.value, clinicId) })}</p>
    );
  }
  return (
    <p class={isLive ? "freshness live" : "freshness"}>
      <i aria-hidden="true" /> {t(isLive ? "live" : "by_itself")}
    </p>
  );
}
