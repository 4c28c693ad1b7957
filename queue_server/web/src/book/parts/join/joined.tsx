import { useEffect, useRef } from "preact/hooks";
import { date } from "../../../patient/format";
import { clinicOf, known, link, t, zoneOf } from "../../../patient/known";
import { Standing } from "../../../patient/waitlist/standing";
import "../../../patient/waitlist/waitlist.css";
import { follow } from "../../../shared/route";
import { joined } from "../../state/joining";

/** The place on the list, why it is that one, and what happens next. */
export function JoinedPage() {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${t("waitlist_done")} · ${known.store.name}`;
    heading.current?.focus();
  }, []);
  const mine = joined.value;
  if (!mine) {
    return (
      <p class="buttons">
        <a class="button" href={link("/account/waitlist")}>
          {t("waitlist_see")}
        </a>
      </p>
    );
  }
  const { entry, wasThere } = mine;
  return (
    <>
      <section class="card booked">
        <p class="booked-mark" aria-hidden="true">
          ✓
        </p>
        <h1 ref={heading} tabIndex={-1}>
          {t(wasThere ? "waitlist_already" : "waitlist_done")}
        </h1>
        <p class="soft" dir="auto">
          {clinicOf(entry.clinicId)?.name}
        </p>
        <Standing entry={entry} />
        <h2>{t("waitlist_next")}</h2>
        <ol class="steps-ahead">
          <li>{t("waitlist_next_told")}</li>
          <li>{t("waitlist_next_held")}</li>
          <li>{t("waitlist_next_declined")}</li>
        </ol>
        <p class="soft small">
          {t("waitlist_until", { date: date(entry.expiresAt, zoneOf(entry.clinicId)) })}
        </p>
        <a class="button primary wide" href={link("/account/waitlist")}>
          {t("waitlist_see")}
        </a>
      </section>
      <p class="buttons">
        <a class="button quiet" href={link("/book")} onClick={follow}>
          {t("search_heading")}
        </a>
      </p>
    </>
  );
}
