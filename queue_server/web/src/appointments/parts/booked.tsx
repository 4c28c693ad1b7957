import { useEffect, useRef, useState } from "preact/hooks";
import type { SlotBookingView } from "../../generated/contract";
import { when } from "../../schedule/parts/affected";
import { zoneOf } from "../../schedule/state/zones";
import { announce } from "../../shared/announce";
import { attempt } from "../../staff/toasts";
import { cancel } from "../state/visits";
import { Payment } from "./payment";

interface BookedProps {
  made: SlotBookingView;
  name: string;
  onNext: () => void;
}

/** What was booked, what the patient is told, and the way back. */
export function Booked({ made, name, onNext }: BookedProps) {
  const { appointment, slot, trackingUrl, trackingToken } = made;
  const heading = useRef<HTMLHeadingElement>(null);
  const [isUndone, setUndone] = useState(false);
  const time = when(appointment.start, zoneOf(slot.clinicId));
  useEffect(() => {
    heading.current?.focus();
    announce(`Booked: ${name}, ticket ${appointment.ticket}, ${time}.`);
  }, []);
  const takeBack = async (): Promise<void> => {
    const done = `The booking of ${name} is taken back; the time is free again.`;
    if (await attempt(() => cancel(appointment.id, "Booked by mistake"), done)) setUndone(true);
  };
  const copy = (): void =>
    void attempt(() => navigator.clipboard.writeText(trackingUrl), "The link is copied.");
  return (
    <section class="card booked" aria-labelledby="booked">
      <h1 id="booked" ref={heading} tabIndex={-1}>
        {isUndone ? "Taken back" : "Booked"}
      </h1>
      <dl class="booked-facts">
        <div>
          <dt>Patient</dt>
          <dd>
            {name} <span class="chip">{appointment.ticket}</span>
          </dd>
        </div>
        <div>
          <dt>Time</dt>
          <dd>{time}</dd>
        </div>
        <div>
          <dt>With</dt>
          <dd>
            {[appointment.doctor.name, appointment.mode === "tele" ? "by video" : appointment.room]
              .filter(Boolean)
              .join(", ")}
          </dd>
        </div>
      </dl>
      {!isUndone && (
        <div class="booked-link">
          <img
            src={`/t/${trackingToken}/qr.svg`}
            alt="QR code of the patient's link"
            width={216}
            height={216}
          />
          <div>
            <p class="hint">The patient follows their place here:</p>
            <p class="booked-address">{trackingUrl}</p>
            <button type="button" onClick={copy}>
              Copy the link
            </button>
          </div>
        </div>
      )}
      {!isUndone && <Payment made={made} />}
      <div class="modal-actions">
        <button type="button" class="primary" onClick={onNext}>
          Book another
        </button>
        <a class="button" href="/desk">
          To the desk
        </a>
        {!isUndone && (
          <button type="button" class="danger" onClick={() => void takeBack()}>
            Undo the booking
          </button>
        )}
      </div>
    </section>
  );
}
