import { useState } from "preact/hooks";
import type {
  BookedAppointmentView,
  CandidateView,
  StaffEntryView,
} from "../../generated/contract";
import { commandKey } from "../../shared/key";
import { AsOf } from "../../staff/as-of";
import { useResource } from "../../staff/resource";
import { get, post } from "../../staff/rest";
import { Empty, Loaded } from "../../staff/states";
import { tellDone, tellRefused } from "../../staff/toasts";
import { mayOffer } from "../model/fit";
import { waitlistRefusal } from "../model/refusals";
import { moment, unfitWords, waitedWords } from "../model/words";
import { minute } from "../state/minute";
import { EntryBadges } from "./entry-card";
import { WhyRank } from "./why-rank";

interface CandidatesProps {
  appointmentId: string;
}

/** Who waits for the time of an appointment that was given back, in order; one press asks them. */
export function Candidates({ appointmentId }: CandidatesProps) {
  const path = `/api/appointments/${appointmentId}`;
  const visit = useResource(path, () => get<BookedAppointmentView>(path));
  const found = useResource(`${path}/waitlist`, () => get<CandidateView[]>(`${path}/waitlist`));
  const [isBusy, setBusy] = useState(false);
  const invite = async (entry?: StaffEntryView): Promise<void> => {
    setBusy(true);
    try {
      const body = entry ? { waitlistId: entry.id } : {};
      const asked = await post<StaffEntryView>(`${path}/waitlist/invite`, body, {
        key: commandKey(),
      });
      tellDone(`${asked.patientName} is asked now; the time is held for them.`);
    } catch (error) {
      tellRefused(waitlistRefusal(error as Error));
    }
    await found.reload();
    setBusy(false);
  };
  return (
    <section class="card" aria-labelledby="vacancy">
      <div class="card-head">
        <h2 id="vacancy">
          Who could come{" "}
          {visit.value
            ? `on ${moment(visit.value.appointment.start, visit.value.appointment.clinic.timezone)} to ${visit.value.appointment.doctor.name}`
            : "then"}
        </h2>
        <AsOf of={found} />
      </div>
      <p class="hint">
        The list asks them by itself, one after the other, if its policy says so. Here you may be
        quicker, or choose somebody yourself.
      </p>
      <Loaded of={found} what="who waits">
        {(candidates) => (
          <Ranked candidates={candidates} isBusy={isBusy} invite={(entry) => void invite(entry)} />
        )}
      </Loaded>
    </section>
  );
}

interface RankedProps {
  candidates: readonly CandidateView[];
  isBusy: boolean;
  invite: (entry?: StaffEntryView) => void;
}

function Ranked({ candidates, isBusy, invite }: RankedProps) {
  const fitting = candidates.filter(({ unfit }) => unfit === null);
  const others = candidates.filter(({ unfit }) => unfit !== null);
  const asked = others.filter(({ entry }) => entry.status === "invited");
  if (candidates.length === 0)
    return (
      <Empty title="Nobody waits for this doctor">
        <p>The time is free for whoever books it.</p>
      </Empty>
    );
  const [first] = fitting;
  return (
    <>
      {asked.length > 0 && (
        <p class="note" role="status">
          {asked.map(({ entry }) => entry.patientName).join(", ")}: asked already. Whoever answers
          is booked; if nobody does, the next one is asked.
        </p>
      )}
      {first ? (
        <>
          <div class="modal-actions">
            <button type="button" class="primary" disabled={isBusy} onClick={() => invite()}>
              Ask the first: {first.entry.patientName}
            </button>
          </div>
          <ol class="candidates" aria-label="For whom the time is">
            {fitting.map((one, place) => (
              <Candidate
                key={one.entry.id}
                one={one}
                place={place + 1}
                isBusy={isBusy}
                invite={invite}
              />
            ))}
          </ol>
        </>
      ) : (
        <Empty title="The time is for nobody who waits">
          <p>Everybody below wishes for something else. Call one of them, or leave it free.</p>
        </Empty>
      )}
      {others.length > 0 && (
        <>
          <h3>Not asked by the list</h3>
          <ul class="candidates" aria-label="Not asked by the list">
            {others.map((one) => (
              <Candidate key={one.entry.id} one={one} isBusy={isBusy} invite={invite} />
            ))}
          </ul>
        </>
      )}
    </>
  );
}

interface CandidateProps {
  one: CandidateView;
  place?: number;
  isBusy: boolean;
  invite: (entry: StaffEntryView) => void;
}

function Candidate({ one: { entry, unfit, points, fit }, place, isBusy, invite }: CandidateProps) {
  const [isOpen, setOpen] = useState(false);
  const isUnfit = unfit !== null;
  // Who is deferred, or has declined, may all the same be asked by somebody who knows better.
  const canAsk = mayOffer(unfit) || unfit === "deferred" || unfit === "not_wanted";
  return (
    <li class={isUnfit ? "candidate candidate-unfit" : "candidate"}>
      <div>
        <p>
          {place && <strong>{place}. </strong>}
          <strong>{entry.patientName}</strong>{" "}
          <span class="hint">
            waits {waitedWords(entry, minute.value)} · {points.toFixed(1)} points
            {fit > 0 && !isUnfit && ", counting that the time fits"}
          </span>
        </p>
        {unfit && <p class="hint">{unfitWords(unfit)}</p>}
        <EntryBadges entry={entry} />
        {entry.patientPhone && (
          <a class="affected-phone" href={`tel:${entry.patientPhone.replace(/[^+\d]/g, "")}`}>
            {entry.patientPhone}
          </a>
        )}
      </div>
      <div class="row-actions">
        <button type="button" class="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          Why this rank<span class="sr-only">: {entry.patientName}</span>
        </button>
        {canAsk && (
          <button type="button" disabled={isBusy} onClick={() => invite(entry)}>
            Ask<span class="sr-only"> {entry.patientName}</span>
          </button>
        )}
      </div>
      {isOpen && <WhyRank entry={entry} />}
    </li>
  );
}
