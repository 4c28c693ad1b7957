import { useState } from "preact/hooks";
import { LeaveDetail } from "../../schedule/parts/leave-detail";
import { LeaveForm } from "../../schedule/parts/leave-form";
import { zoneOf } from "../../schedule/state/zones";
import type { Leave } from "../../schedule/wire";
import { localDate } from "../../shared/dates";
import { useResource } from "../../staff/resource";
import { all } from "../../staff/rest";
import { Empty, Loaded } from "../../staff/states";
import { tellDone } from "../../staff/toasts";

/** The doctor's own leave: what was asked for and what became of it. */
export function LeavePage({ doctorId }: { doctorId: string }) {
  const path = `/api/leave-requests?doctorId=${doctorId}&limit=100`;
  const requests = useResource(path, () => all<Leave>(path));
  const [isAsking, ask] = useState(false);
  return (
    <div class="own-leave">
      <header class="next-head">
        <h1 class="editor-week">Your leave</h1>
        <button type="button" class="primary" onClick={() => ask(true)}>
          Ask for leave…
        </button>
      </header>
      <Loaded of={requests} what="your leave">
        {(found) =>
          found.length === 0 ? (
            <Empty title="No leave yet">
              <p>Ask for it here; your department's head decides.</p>
            </Empty>
          ) : (
            <ul class="own-requests">
              {found.map((leave) => (
                <li key={leave.id}>
                  <LeaveDetail leave={leave} isOwn onDecided={() => void requests.reload()} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {isAsking && (
        <LeaveForm
          doctors={[]}
          today={localDate(zoneOf(null))}
          onAsked={() => {
            ask(false);
            tellDone("Leave asked for.");
            void requests.reload();
          }}
          onClose={() => ask(false)}
        />
      )}
    </div>
  );
}
