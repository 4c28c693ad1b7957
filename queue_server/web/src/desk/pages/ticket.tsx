import { useEffect, useState } from "preact/hooks";
import type { StaffEntry, StaffQueue } from "../../generated/contract";
import { clockTime, longDate } from "../../shared/time";
import type { Tracking } from "../dialogs/link";
import { PrintBar } from "../parts/print-bar";
import { write } from "../state/api";
import { useQueue } from "../state/use-queue";

/** A paper ticket, 80 mm wide: the number, where to go, and the link as a QR code. */
export function TicketPage({ query }: { query: URLSearchParams }) {
  const appointmentId = query.get("appointmentId") ?? "";
  const [queue, failure] = useQueue(query.get("doctorId") ?? "", query.get("date") ?? "");
  const [tracking, setTracking] = useState<Tracking | null>(null);
  const [linkFailure, setLinkFailure] = useState("");
  const entry = queue?.entries.find((one) => one.id === appointmentId);

  useEffect(() => {
    write<Tracking>("POST", `/api/appointments/tracking-link/${appointmentId}`, {})
      .then(setTracking)
      .catch((error: Error) => setLinkFailure(error.message));
  }, [appointmentId]);
  useEffect(() => {
    if (entry) document.title = `Ticket ${entry.ticket}`;
  }, [entry?.ticket]);

  if (failure) return <PrintBar failure={`No ticket: ${failure}`} />;
  if (!queue) return <PrintBar waiting="Loading the ticket…" />;
  if (!entry) return <PrintBar failure="This patient is not in that queue any more." />;
  return (
    <>
      <PrintBar failure={linkFailure && `The ticket prints without its link: ${linkFailure}`} />
      <main class="paper-ticket">
        <TicketFace queue={queue} entry={entry} />
        {tracking && (
          <div class="paper-qr">
            <img
              src={`/t/${encodeURIComponent(tracking.trackingToken)}/qr.svg`}
              width="220"
              height="220"
              alt="QR code of your place in the line"
            />
            <p>Scan to follow your place in the line.</p>
          </div>
        )}
      </main>
    </>
  );
}

function TicketFace({ queue, entry }: { queue: StaffQueue; entry: StaffEntry }) {
  const { doctor, room, clinicName, timezone } = queue.header;
  return (
    <>
      <p class="paper-clinic">{clinicName}</p>
      <h1 class="paper-number">{entry.ticket}</h1>
      <p class="paper-doctor">{doctor.name}</p>
      {room && <p>{room}</p>}
      <p>
        {longDate(queue.date)}, {clockTime(entry.start, timezone)}
      </p>
      {entry.estimatedStartAt && (
        <p>Your turn at about {clockTime(entry.estimatedStartAt, timezone)}</p>
      )}
    </>
  );
}
