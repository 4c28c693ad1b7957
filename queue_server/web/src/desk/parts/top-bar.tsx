import { account, leave } from "../state/account";
import { doctors, lanes } from "../state/board";
import { open } from "../state/dialog";
import { canAct } from "../state/live";
import { pageAddress, toRebook } from "../state/rebook";
import { laneId } from "../state/selection";
import { Connection } from "./connection";
import { Kbd } from "./kbd";

/** Where this is, whether it is live, and what concerns no single lane. */
export function TopBar() {
  const clinic = doctors.value[0]?.clinicName;
  const lane = laneId.value ?? lanes.value[0];
  return (
    <header class="top-bar">
      <p class="brand">Reception</p>
      <p class="clinic">{clinic}</p>
      <Connection />
      <div class="top-actions">
        <button type="button" onClick={() => open({ kind: "palette" })}>
          Find or do <Kbd>Ctrl K</Kbd>
        </button>
        <button
          type="button"
          class="danger"
          disabled={!canAct.value || lane === undefined}
          aria-keyshortcuts="E"
          onClick={() => lane !== undefined && open({ kind: "emergency", lane })}
        >
          Emergency <Kbd>E</Kbd>
        </button>
        {toRebook.value !== null && (
          <>
            <a class="button" aria-keyshortcuts="B" href={pageAddress("book", lane)}>
              Book <Kbd>B</Kbd>
            </a>
            <a class="button quiet" href={pageAddress("waitlist")}>
              Waitlist
            </a>
            <a class="button quiet" href={pageAddress("rebook")}>
              To rebook{" "}
              {toRebook.value > 0 && <span class="badge badge-warn">{toRebook.value}</span>}
            </a>
          </>
        )}
        <button type="button" class="quiet" onClick={() => open({ kind: "lanes" })}>
          Lanes
        </button>
        <button
          type="button"
          class="quiet"
          aria-label="Help and keys"
          aria-keyshortcuts="?"
          onClick={() => open({ kind: "help" })}
        >
          <span aria-hidden="true">?</span>
        </button>
        <button type="button" class="quiet" title={account.value?.email} onClick={leave}>
          Sign out
        </button>
      </div>
    </header>
  );
}
