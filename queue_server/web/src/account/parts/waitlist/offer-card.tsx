import { useSignal } from "@preact/signals";
import { left } from "../../../book/model/countdown";
import type { OfferView, SlotBookingView } from "../../../generated/contract";
import { trouble } from "../../../patient/api";
import { isOffline } from "../../../patient/connection";
import { Failure } from "../../../patient/failure";
import { moment } from "../../../patient/format";
import { t } from "../../../patient/known";
import { now } from "../../../shared/clock";
import { answer } from "../../state/waitlist";

export interface OfferCardProps {
  offer: OfferView;
  onDone: (said: string, tracker?: string) => void;
}

/** A time that is offered, for as long as it is held, by the server's clock. */
export function OfferCard({ offer, onDone }: OfferCardProps) {
  const failure = useSignal("");
  const isBusy = useSignal(false);
  const { clinic, doctor, start } = offer;
  const { text, isShort, isOver } = left(offer.respondBy, now.value);
  if (isOver) return null;
  const time = moment(start, clinic.id);

  async function run(work: () => Promise<void>): Promise<void> {
    isBusy.value = true;
    failure.value = "";
    try {
      await work();
    } catch (error) {
      failure.value = trouble(error);
    } finally {
      isBusy.value = false;
    }
  }

  const accept = () =>
    run(async () => {
      const { trackingToken } = await answer<SlotBookingView>(offer, "accept");
      onDone(t("account_offer_booked", { time }), `/t/${trackingToken}`);
    });
  const decline = () =>
    run(async () => {
      await answer(offer, "decline");
      onDone(t("account_offer_declined"));
    });
  const isOff = isBusy.value || isOffline.value;
  return (
    <section class={`offered ${isShort ? "short" : ""}`} aria-label={t("account_offer")}>
      <p class="offer-why">{t("account_offer")}</p>
      <p class="visit-time">{time}</p>
      <p class="soft" dir="auto">
        {offer.mode === "tele" ? `${doctor.name}, ${t("tele")}` : doctor.name}
      </p>
      <p>
        {t("held_for")} <b role="timer">{text}</b>
      </p>
      <Failure text={failure.value} />
      <div class="buttons">
        <button type="button" class="primary" disabled={isOff} onClick={() => void accept()}>
          {t("account_offer_accept")}
        </button>
        <button type="button" disabled={isOff} onClick={() => void decline()}>
          {t("account_offer_decline")}
        </button>
      </div>
    </section>
  );
}
