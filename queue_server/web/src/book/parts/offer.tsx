import { useEffect, useRef } from "preact/hooks";
import { time } from "../../patient/format";
import { t } from "../../patient/known";
import { follow } from "../../shared/route";
import { asking, mistake, offer, take, timesPage, whenOf } from "../state/hold";

/** What is said to whoever came too late, and what can be had instead. */
export function OfferCard() {
  const made = offer.value;
  const card = useRef<HTMLElement>(null);
  const isThere = made !== null || mistake.value !== "";
  // Whoever tapped far below must see why nothing else happens.
  useEffect(() => {
    if (isThere) card.current?.scrollIntoView({ block: "center" });
  }, [isThere]);
  if (mistake.value) {
    return (
      <section ref={card} class="wrong" role="alert">
        {mistake.value}
      </section>
    );
  }
  if (!made) return null;
  const { why, wanted, mode, whom, instead } = made;
  return (
    <section ref={card} class="card offer">
      <p class="offer-why">{t(why, { time: time(wanted.start, wanted.clinicId) })}</p>
      {instead === undefined && <p>{t("loading")}</p>}
      {instead === null && <p>{t("none_near")}</p>}
      {instead && <p>{t("nearest", { time: whenOf(instead, mode, whom) })}</p>}
      <div class="buttons">
        {instead && (
          <button
            type="button"
            class="primary"
            disabled={asking.value !== null}
            onClick={() => void take(instead, mode, whom)}
          >
            {t("take", { time: time(instead.start, instead.clinicId) })}
          </button>
        )}
        <a class="button" href={timesPage(whom)} onClick={follow}>
          {t("other_time")}
        </a>
      </div>
    </section>
  );
}
