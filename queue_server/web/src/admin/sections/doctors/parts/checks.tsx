import type { CheckView } from "../../../../generated/contract";
import { spelled } from "../../../../staff/model/names";
import { CHECK_WORDS } from "../model/onboarding";

/** Conditions, each with whether it holds and why not: a shape, a word and the reason. */
export function Checks({ checks, label }: { checks: readonly CheckView[]; label: string }) {
  return (
    <ul class="checks-made" aria-label={label}>
      {checks.map(({ name, ok, reason }) => (
        <li key={name} class={ok ? "check-ok" : "check-fails"}>
          <span class="check-mark" aria-hidden="true">
            {ok ? "✓" : "✕"}
          </span>
          <span>
            <strong>{CHECK_WORDS[name] ?? spelled(name)}</strong>
            <span class="sr-only">{ok ? ": holds." : ": does not hold."}</span>
            {!ok && <span class="sub">{reason}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}
