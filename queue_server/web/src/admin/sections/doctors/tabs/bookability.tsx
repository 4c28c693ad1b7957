import type { BookabilityView } from "../../../../generated/contract";
import { useResource } from "../../../../staff/resource";
import { get } from "../../../../staff/rest";
import { Loaded } from "../../../../staff/states";
import type { DoctorTabProps } from "../../../section";
import { Checks } from "../parts/checks";
import { ScoreDial } from "../parts/score-dial";

/** Whether the doctor can be booked, by whom, and why not. */
export function BookabilityTab({ doctor }: DoctorTabProps) {
  const path = `/api/doctors/${doctor.id}/bookability`;
  const found = useResource(path, () => get<BookabilityView>(path));
  return (
    <Loaded of={found} what="the bookability">
      {(view) => (
        <div class="columns">
          <section class="card">
            <div class="bookability-head">
              <ScoreDial score={view.score} />
              <div>
                <h2>{view.isBookable ? "Bookable" : "Not bookable yet"}</h2>
                <p class="hint">{sentence(view)}</p>
              </div>
            </div>
            <ul class="answers">
              <Answer question="Shown in search" yes={view.canShowInSearch} why={searchRule} />
              <Answer question="Patients can book" yes={view.canPatientBook} why={patientRule} />
              <Answer
                question="Reception can book"
                yes={view.canReceptionistBook}
                why={receptionRule}
              />
            </ul>
          </section>
          <section class="card">
            <h2>Ten checks</h2>
            <Checks checks={view.checks} label="Checks of bookability" />
          </section>
        </div>
      )}
    </Loaded>
  );
}

const searchRule = "Needs a score of 60 and a public profile.";
const patientRule = "Needs all ten checks and online bookings.";
const receptionRule = "Needs that nothing critical is in the way.";

function sentence({ checks }: BookabilityView): string {
  const failing = checks.filter((check) => !check.ok).length;
  if (failing === 0) return "All ten checks hold.";
  return `${failing} of ${checks.length} checks ${failing === 1 ? "does" : "do"} not hold.`;
}

function Answer({ question, yes, why }: { question: string; yes: boolean; why: string }) {
  return (
    <li>
      <span>
        <strong>{question}</strong>
        {!yes && <span class="sub">{why}</span>}
      </span>
      <span class={yes ? "chip chip-ok" : "chip chip-warn"}>{yes ? "Yes" : "No"}</span>
    </li>
  );
}
