import { useEffect, useRef } from "preact/hooks";
import { isOffline } from "../../patient/connection";
import { Choice, Field } from "../../patient/field";
import { known, link, OUR_LANGUAGES, t } from "../../patient/known";
import { navigate } from "../../shared/route";
import {
  book,
  check,
  details,
  failure,
  isBooking,
  mistakes,
  prepare,
  type,
} from "../state/booking";
import { held, offer } from "../state/hold";
import { isPayable } from "../state/payment";
import { NothingHeld } from "./nothing-held";
import { OfferCard } from "./offer";
import { Visit } from "./visit";
import { WhoComes } from "./who-comes";
import { Wrong } from "./wrong";

const WRONG = "[aria-invalid=true]";

/** Who comes. What is typed stays, whatever happens to the hold. */
export function DetailsPage() {
  const form = useRef<HTMLFormElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${t("details_heading")} · ${known.store.name}`;
  }, []);
  const mine = held.value;
  // Also where another time was taken here: the button that was pressed is gone.
  useEffect(() => {
    if (mine) heading.current?.focus();
  }, [mine?.holdId]);
  if (!mine && !offer.value) return <NothingHeld />;

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (!check())
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>(WRONG)?.focus());
    else if (!(await prepare())) return;
    else if (isPayable.value) navigate(link("/book/pay"));
    else await book();
  }

  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {t("details_heading")}
      </h1>
      <OfferCard />
      {mine && <Visit mine={mine} />}
      <form ref={form} class="form card" noValidate onSubmit={(event) => void submit(event)}>
        {mine && !mine.asGuest ? <WhoComes doctorId={mine.doctor.id} /> : <Guest />}
        <Wrong text={failure.value} />
        <button
          type="submit"
          class="primary wide"
          disabled={!mine || isBooking.value || isOffline.value}
        >
          {t(isBooking.value ? "booking" : isPayable.value ? "to_payment" : "book_now")}
        </button>
      </form>
    </>
  );
}

function Guest() {
  const { name, contact, language } = details.value;
  const wrong = mistakes.value;
  return (
    <>
      <Field
        label={t("name")}
        hint={t("name_hint")}
        name="name"
        autocomplete="name"
        required
        value={name}
        mistake={wrong.name && t(wrong.name)}
        onInput={(text) => type({ name: text })}
      />
      <Field
        label={t("contact")}
        hint={t("contact_hint")}
        name="contact"
        autocomplete="email"
        required
        value={contact}
        mistake={wrong.contact && t(wrong.contact)}
        onInput={(text) => type({ contact: text })}
      />
      <Choice
        label={t("news_language")}
        value={language}
        options={OUR_LANGUAGES}
        onChange={(code) => type({ language: code })}
      />
    </>
  );
}
