import { useEffect, useRef } from "preact/hooks";
import { time } from "../../patient/format";
import { t } from "../../patient/known";
import { follow, route } from "../../shared/route";
import {
  asking,
  isAnyone,
  lookNearby,
  mistake,
  type Offer,
  offer,
  offeredAt,
  take,
  timesPage,
  whenOf,
} from "../state/hold";
import { comesBack } from "../state/payment";
import { isStep } from "./hold-bar";

const TYPING = "input, select, textarea";

/** What is said to whoever came too late, and what can be had instead. */
export function OfferCard() {
  const { path } = route.value;
  // Where a booking waits for another time, the offer stays, also after a reload.
  const isHere = isStep(path) || offeredAt.value === path;
  const made = isHere ? offer.value : null;
  const wrong = mistake.value;
  const card = useRef<HTMLElement>(null);
  // Whoever tapped far below must see why nothing else happens; whoever types is let finish.
  useEffect(() => {
    card.current?.scrollIntoView({ block: "center" });
    if (!document.activeElement?.matches(TYPING)) card.current?.focus({ preventScroll: true });
  }, [made?.why, made?.wanted.id, wrong]);
  if (wrong) {
    return (
      <section ref={card} class="wrong" role="alert" tabIndex={-1}>
        {wrong}
      </section>
    );
  }
  if (!made) return null;
  const { why, wanted, whom } = made;
  return (
    <section ref={card} class="card offer" tabIndex={-1}>
      <p class="offer-why">{t(why, { time: time(wanted.start, wanted.clinicId) })}</p>
      {!isAnyone(whom) && (
        <p class="soft" dir="auto">
          {whom.name}
        </p>
      )}
      {comesBack(made.holdId) && <p>{t("pay_back")}</p>}
      <Instead made={made} />
      <div class="buttons">
        <Take made={made} />
        <a class="button" href={timesPage(whom)} onClick={follow}>
          {t("other_time")}
        </a>
        {!isStep(path) && (
          <button type="button" class="quiet" onClick={() => (offer.value = null)}>
            {t("close")}
          </button>
        )}
      </div>
    </section>
  );
}

function Instead({ made }: { made: Offer }) {
  const { instead, hasFailed, mode, whom } = made;
  if (hasFailed) return <p>{t("near_failed")}</p>;
  if (instead === undefined) return <p>{t("loading")}</p>;
  return <p>{instead ? t("nearest", { time: whenOf(instead, mode, whom) }) : t("none_near")}</p>;
}

function Take({ made }: { made: Offer }) {
  const { instead, hasFailed, mode, whom } = made;
  if (hasFailed) {
    return (
      <button type="button" class="primary" onClick={() => void lookNearby(made)}>
        {t("try_again")}
      </button>
    );
  }
  if (!instead) return null;
  return (
    <button
      type="button"
      class="primary"
      disabled={asking.value !== null}
      onClick={() => void take(instead, mode, whom)}
    >
      {t("take", { time: time(instead.start, instead.clinicId) })}
    </button>
  );
}
