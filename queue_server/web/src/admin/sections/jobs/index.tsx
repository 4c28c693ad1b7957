import { useState } from "preact/hooks";
import type {
  JobFailureView,
  JobKindView,
  JobsView,
  RetriedView,
} from "../../../generated/contract";
import { counted } from "../../../schedule/model/preview-words";
import { zoneOf } from "../../../schedule/state/zones";
import { AsOf } from "../../../staff/as-of";
import { useResource } from "../../../staff/resource";
import { get, post } from "../../../staff/rest";
import { Empty, Loaded } from "../../../staff/states";
import { tellDone, tellRefused } from "../../../staff/toasts";
import { moment } from "../../../waitlist/model/words";
import { Page } from "../../parts/page";
import { jobWords, lateWords } from "./model";

type Retry = (kind: string, key?: string) => void;

/** Work that is done by itself: how much is due, how late it is, and what has failed. */
export default function JobsSection() {
  const jobs = useResource("jobs", () => get<JobsView>("/api/jobs"));
  const [isBusy, setBusy] = useState(false);
  const retry = async (kind: string, key?: string): Promise<void> => {
    setBusy(true);
    try {
      const body = { kind, ...(key !== undefined && { key }) };
      const { retried } = await post<RetriedView>("/api/jobs/retry", body);
      tellDone(`${counted(retried, "job")} done again.`);
    } catch (error) {
      tellRefused((error as Error).message);
    }
    await jobs.reload();
    setBusy(false);
  };
  const again: Retry = (kind, key) => void retry(kind, key);
  return (
    <Page
      title="Jobs"
      lead="Deadlines, messages, offers: work that happens by itself."
      actions={<AsOf of={jobs} />}
    >
      <Loaded of={jobs} what="the jobs">
        {({ kinds, failures }) => (
          <>
            <Failures failures={failures} isBusy={isBusy} retry={again} />
            <Kinds kinds={kinds} isBusy={isBusy} retry={again} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

interface KindsProps {
  kinds: readonly JobKindView[];
  isBusy: boolean;
  retry: Retry;
}

function Kinds({ kinds, isBusy, retry }: KindsProps) {
  if (kinds.length === 0)
    return (
      <Empty title="There is no work">
        <p>Deadlines, messages and offers appear here as they are due.</p>
      </Empty>
    );
  return (
    <div class="table-frame">
      <table class="table stacked">
        <caption class="sr-only">Work by kind</caption>
        <thead>
          <tr>
            <th scope="col">Work</th>
            <th scope="col">To do</th>
            <th scope="col">Due now</th>
            <th scope="col">Under way</th>
            <th scope="col">Tried again</th>
            <th scope="col">Given up</th>
            <th scope="col">The oldest</th>
            <th scope="col">
              <span class="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {kinds.map((one) => (
            <tr key={one.kind}>
              <th scope="row">
                <span class="strong">{jobWords(one.kind)}</span>
                <span class="sub">{one.kind}</span>
              </th>
              <td>
                <span class="stacked-label">To do </span>
                {one.ready}
              </td>
              <td>
                <span class="stacked-label">Due now </span>
                {one.due}
              </td>
              <td>
                <span class="stacked-label">Under way </span>
                {one.running}
              </td>
              <td>
                <span class="stacked-label">Tried again </span>
                {one.retrying}
                {one.retries > 0 && <span class="sub">{counted(one.retries, "retry")}</span>}
              </td>
              <td>
                <span class="stacked-label">Given up </span>
                {one.dead > 0 ? <span class="chip chip-danger">{one.dead}</span> : 0}
              </td>
              <td>
                <span class={one.oldestSeconds > 60 ? "chip chip-warn" : undefined}>
                  {lateWords(one.oldestSeconds)}
                </span>
              </td>
              <td class="end">
                {one.dead > 0 && (
                  <button type="button" disabled={isBusy} onClick={() => retry(one.kind)}>
                    Do again<span class="sr-only">: {jobWords(one.kind)}</span>
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface FailuresProps {
  failures: readonly JobFailureView[];
  isBusy: boolean;
  retry: Retry;
}

function Failures({ failures, isBusy, retry }: FailuresProps) {
  if (failures.length === 0) return <p class="hint">Nothing has failed.</p>;
  const zone = zoneOf(null);
  return (
    <section class="card">
      <h2>What has failed</h2>
      <ul class="rows">
        {failures.map((one) => (
          <li key={`${one.kind} ${one.key}`}>
            <span>
              <strong>{jobWords(one.kind)}</strong>{" "}
              <span class={one.state === "dead" ? "chip chip-danger" : "chip chip-warn"}>
                {one.state === "dead" ? "Given up" : "Tried again later"}
              </span>
              <span class="sub wraps">{one.reason}</span>
              <span class="sub">
                {counted(one.attempts, "attempt")} · {one.state === "dead" ? "last" : "next"}{" "}
                {moment(one.failedAt ?? one.dueAt, zone)}
              </span>
            </span>
            {one.state === "dead" && (
              <button type="button" disabled={isBusy} onClick={() => retry(one.kind, one.key)}>
                Do again<span class="sr-only">: {jobWords(one.kind)}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
