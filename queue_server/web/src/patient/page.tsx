import type { ComponentChildren } from "preact";
import { LiveRegion } from "../shared/live-region";
import { isOffline } from "./connection";
import { t } from "./known";

/** What stands on every page for patients: whether there is a network, and what is said aloud. */
export function Page({ children }: { children: ComponentChildren }) {
  return (
    <>
      {isOffline.value && (
        <p class="offline" role="status">
          {t("offline")}
        </p>
      )}
      {children}
      <LiveRegion />
    </>
  );
}
