import type { StepView } from "../../../generated/contract";
import { moment } from "../../../patient/format";
import { t } from "../../../patient/known";

/** What happened to an entry, the latest on top. */
export function Steps({ steps, clinicId }: { steps: readonly StepView[]; clinicId: string }) {
  const at = (instant: string | null) => (instant ? moment(instant, clinicId) : "");
  return (
    <ol class="steps">
      {[...steps].reverse().map((step, place) => (
        <li key={`${step.at} ${place}`} class={`step-${step.what}`}>
          <span>
            {t(`account_step_${step.what}`, { start: at(step.start), until: at(step.until) })}
          </span>
          <time class="soft small" dateTime={step.at}>
            {at(step.at)}
          </time>
        </li>
      ))}
    </ol>
  );
}
