import { useState } from "preact/hooks";
import { account } from "../../staff/account";
import { type Resource, useResource } from "../../staff/resource";
import { all, post } from "../../staff/rest";
import { Loaded } from "../../staff/states";
import { attempt } from "../../staff/toasts";
import { leaveName } from "../model/layers";
import { decisionWords, leaveDates, whyNotDecide } from "../model/leave";
import { counted } from "../model/preview-words";
import { fullDate } from "../model/wall-time";
import type { AffectedPatient, Leave } from "../wire";
import { Affected } from "./affected";
import { LeaveStatusChip } from "./leave-status";

interface LeaveDetailProps {
  leave: Leave;
  /** On the doctor's own page, where the name is known. */
  isOwn?: boolean;
  /** What it has become; the request as it was when nothing could be done. */
  onDecided: (leave: Leave) => void;
}

/** A request beside the appointments it hits, and what can be decided about it. */
export function LeaveDetail({ leave, isOwn = false, onDecided }: LeaveDetailProps) {
  const isOpen = leave.status === "requested";
  const hits = isOpen || leave.status === "approved";
  const impact = useResource(`impact-${leave.id}-${leave.version}`, async () =>
    hits ? all<AffectedPatient>(`/api/leave-requests/${leave.id}/impact`) : [],
  );
  return (
    <article class="card leave-detail" aria-labelledby={`leave-${leave.id}`}>
      <header class="card-head">
        <h2 id={`leave-${leave.id}`}>
          {isOwn
            ? leaveName(leave.type)
            : `${leave.doctorName}: ${leaveName(leave.type).toLowerCase()}`}
        </h2>
        <LeaveStatusChip status={leave.status} />
      </header>
      <dl class="facts">
        <div>
          <dt>When</dt>
          <dd>{leaveDates(leave)}</dd>
        </div>
        <div>
          <dt>Asked by</dt>
          <dd>{leave.requestedBy?.name ?? "the system"}</dd>
        </div>
        <div>
          <dt>{isOpen ? "Asked" : "Decided"}</dt>
          <dd>{isOpen ? fullDate(leave.requestedAt.slice(0, 10)) : decisionWords(leave)}</dd>
        </div>
        {leave.reason && (
          <div>
            <dt>Reason</dt>
            <dd>{leave.reason}</dd>
          </div>
        )}
      </dl>
      {hits && <Hits impact={impact} />}
      <Decide
        key={`${leave.id} ${leave.version}`}
        leave={leave}
        impact={impact}
        onDecided={onDecided}
      />
    </article>
  );
}

function Hits({ impact }: { impact: Resource<AffectedPatient[]> }) {
  return (
    <div class="leave-hits">
      <Loaded of={impact} what="the appointments it hits">
        {(hits) => (
          <>
            <h3>
              {hits.length === 0
                ? "No appointment is hit"
                : `${counted(hits.length, "appointment")} hit by this leave`}
            </h3>
            <Affected hits={hits} label="Appointments it hits" />
          </>
        )}
      </Loaded>
    </div>
  );
}

interface DecideProps {
  leave: Leave;
  impact: Resource<AffectedPatient[]>;
  onDecided: (leave: Leave) => void;
}

function Decide({ leave, impact, onDecided }: DecideProps) {
  const [reason, setReason] = useState("");
  const [isBusy, setBusy] = useState(false);
  const user = account.value;
  if (!user) return null;
  const why = whyNotDecide(leave, user);
  const decide = async (verb: "approve" | "reject" | "cancel", done: string): Promise<void> => {
    setBusy(true);
    const words = reason.trim() && verb !== "cancel" ? { reason: reason.trim() } : {};
    // Whoever approves knows whom the leave hits: somebody booked into it meanwhile is shown first.
    const known = verb === "approve" && impact.value;
    const seen = known ? { seen: known.map((hit) => hit.appointmentId) } : {};
    let became = leave;
    await attempt(async () => {
      became = await post<Leave>(`/api/leave-requests/${leave.id}/${verb}`, { ...words, ...seen });
    }, done);
    if (became === leave) await impact.reload();
    setBusy(false);
    onDecided(became);
  };
  const name = leave.doctorName;
  return (
    <footer class="leave-decide">
      {why === null && (
        <label class="form-field">
          Word to the doctor <span class="optional">optional</span>
          <input
            value={reason}
            maxLength={300}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
      )}
      {leave.status === "requested" && why !== null && (
        <p class="note-plain">
          <span aria-hidden="true">⛔ </span>
          {why}
        </p>
      )}
      <div class="modal-actions">
        {why === null && (
          <>
            <button
              type="button"
              class="primary"
              disabled={isBusy}
              onClick={() => void decide("approve", `Leave of ${name} approved.`)}
            >
              Approve
            </button>
            <button
              type="button"
              class="danger"
              disabled={isBusy}
              onClick={() => void decide("reject", `Leave of ${name} rejected.`)}
            >
              Reject
            </button>
          </>
        )}
        {leave.mayCancel && (
          <button
            type="button"
            class="quiet"
            disabled={isBusy}
            onClick={() => void decide("cancel", `Leave of ${name} cancelled.`)}
          >
            Cancel this leave
          </button>
        )}
      </div>
    </footer>
  );
}
