import { useEffect, useRef } from "preact/hooks";
import { moment } from "../../patient/format";
import { known, link, t } from "../../patient/known";
import { paymentWords } from "../../patient/payment";
import { follow } from "../../shared/route";
import { type Done, done } from "../state/booking";
import { NothingHeld } from "./nothing-held";

/** The appointment: ticket, time, and the way to follow it. */
export function DonePage() {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${t("done_heading")} · ${known.store.name}`;
    heading.current?.focus();
  }, []);
  if (!done.value) return <NothingHeld />;
  const { appointment, trackingToken } = done.value;
  const { clinic, doctor, room } = appointment;
  const tracker = `/t/${trackingToken}`;
  return (
    <>
      <section class="card booked">
        <p class="booked-mark" aria-hidden="true">
          ✓
        </p>
        <h1 ref={heading} tabIndex={-1}>
          {t("done_heading")}
        </h1>
        <dl class="facts">
          <div>
            <dt>{t("ticket")}</dt>
            <dd class="ticket">{appointment.ticket}</dd>
          </div>
          <div>
            <dt>{t("when")}</dt>
            <dd>{moment(appointment.start, clinic.id)}</dd>
          </div>
          <div>
            <dt>{t("with")}</dt>
            <dd dir="auto">{[doctor.name, room].filter(Boolean).join(", ")}</dd>
          </div>
          <div>
            <dt>{t("where")}</dt>
            <dd dir="auto">
              {appointment.mode === "tele"
                ? t("tele")
                : [clinic.name, clinic.address].filter(Boolean).join(", ")}
            </dd>
          </div>
        </dl>
        <Paid {...done.value} />
        <a class="button primary wide" href={tracker}>
          {t("follow_place")}
        </a>
        <a class="button wide" href={`/api/appointments/track/${trackingToken}/calendar.ics`}>
          {t("to_calendar")}
        </a>
        <a class="button wide" href={`${tracker}/change?lang=${known.language}`}>
          {t("change_visit")}
        </a>
        <p class="soft small">{t("keep_link")}</p>
      </section>
      <section class="card link-card">
        <img src={`${tracker}/qr.svg`} alt={t("qr")} width="176" height="176" />
        <p class="soft">{t("qr_hint")}</p>
      </section>
      <p class="buttons">
        <a class="button quiet" href={link("/book")} onClick={follow}>
          {t("book_another")}
        </a>
      </p>
    </>
  );
}

/** How the payment stands, if there is one. */
function Paid({ payment }: Done) {
  if (!payment) return null;
  return <p class={payment.status === "paid" ? "well" : "note"}>{paymentWords(payment)}</p>;
}
