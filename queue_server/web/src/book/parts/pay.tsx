import { useEffect, useRef } from "preact/hooks";
import { isOffline } from "../../patient/connection";
import { money } from "../../patient/format";
import { known, t } from "../../patient/known";
import { book, failure, isBooking } from "../state/booking";
import { held, offer } from "../state/hold";
import {
  awaitPaid,
  current,
  due,
  hasFailed,
  isBeginning,
  isOpen,
  isPaid,
  pay,
  payFailure,
} from "../state/payment";
import { NothingHeld } from "./nothing-held";
import { OfferCard } from "./offer";
import { Visit } from "./visit";
import { Wrong } from "./wrong";

/** Paying for what is held, here or at the clinic; it is booked as soon as it is paid. */
export function PayPage() {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${t("pay_heading")} · ${known.store.name}`;
    heading.current?.focus();
  }, []);
  useEffect(awaitPaid, []);
  const mine = held.value;
  if (!mine && !offer.value) return <NothingHeld />;
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {t("pay_heading")}
      </h1>
      <OfferCard />
      {mine && <Visit mine={mine} saysWho />}
      {mine && (isPaid.value ? <Paid /> : <Ways />)}
    </>
  );
}

/** What is paid is being booked; it is never paid for again. */
function Paid() {
  return (
    <section class="card">
      <p class="well" role="status">
        {t("pay_received")}
      </p>
      <Wrong text={failure.value} />
      {failure.value && (
        <button
          type="button"
          class="primary wide"
          disabled={isBooking.value || isOffline.value}
          onClick={() => void book()}
        >
          {t("try_again")}
        </button>
      )}
    </section>
  );
}

function Ways() {
  const fees = held.value?.doctor.fees;
  const begun = current.value;
  const amount = fees ? money(due.value ?? 0, fees.currency) : "";
  return (
    <section class="card">
      {isOpen.value && <p role="status">{t("pay_waiting")}</p>}
      {hasFailed.value && <p class="wrong">{t("pay_failed")}</p>}
      <Wrong text={payFailure.value || failure.value} />
      {!isOpen.value && <p class="soft">{t("pay_more")}</p>}
      <div class="buttons">
        {isOpen.value && begun?.payUrl ? (
          <a class="button primary wide" href={begun.payUrl}>
            {t("pay_page")}
          </a>
        ) : (
          <button
            type="button"
            class="primary wide"
            disabled={isOpen.value || isBeginning.value || isBooking.value || isOffline.value}
            onClick={() => void pay()}
          >
            {t("pay_now", { amount })}
          </button>
        )}
        <button
          type="button"
          class="wide"
          disabled={isBooking.value || isOffline.value}
          onClick={() => void book()}
        >
          {t("pay_at_desk")}
        </button>
      </div>
    </section>
  );
}
