import { clinicName } from "../../staff/directory";
import { Failure } from "../../staff/states";
import { policyWords, weightWords } from "../model/words";
import { usePolicy } from "../state/use-waitlist";

interface PolicyLineProps {
  clinicId: string;
  /** Whether to say whose policy it is. */
  isNamed: boolean;
}

/** What the list goes by, in sight of whoever works it. */
export function PolicyLine({ clinicId, isNamed }: PolicyLineProps) {
  const { value, failure, reload } = usePolicy(clinicId);
  if (failure && value === null)
    return <Failure what="the policy" error={failure} retry={() => void reload()} />;
  if (value === null) return null;
  return (
    <div class="policy-line">
      <p class="policy-head">What the list goes by{isNamed && ` at ${clinicName(clinicId)}`}</p>
      <ul>
        {policyWords(value).map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      <p class="policy-weights">Points: {weightWords(value)}</p>
    </div>
  );
}
