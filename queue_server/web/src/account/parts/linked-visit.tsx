import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { SlotBookingView } from "../../generated/contract";
import { onReturn } from "../../patient/connection";
import { Failure } from "../../patient/failure";
import { known, link, t } from "../../patient/known";
import { useLoaded } from "../../patient/use-loaded";
import { replaceAddress } from "../../shared/route";
import { ofLink, type Visit } from "../state/changes";
import { AppointmentCard } from "./appointment-card";

/** The visit behind a tracking link: moved or cancelled without an account. */
export function LinkedVisit({ token }: { token: string }) {
  const visit = useLoaded<Visit>(`/api/appointments/track/${token}/visit`, true);
  const said = useSignal("");
  useEffect(() => onReturn(() => void visit.load()), [token]);
  useEffect(() => {
    document.title = `${t("account_your_visit")} · ${known.store.name}`;
  }, []);

  function done(text: string, moved?: SlotBookingView): void {
    said.value = text;
    // The link of a later visit is good for longer than the one that was opened.
    if (moved) replaceAddress(`/t/${moved.trackingToken}/change${location.search}`);
    void visit.load();
  }

  const shown = visit.data.value;
  return (
    <>
      <h1>{t("account_your_visit")}</h1>
      <Failure text={visit.failure.value} onRetry={visit.load} />
      {!shown && !visit.failure.value && <p class="starting">{t("loading")}</p>}
      {said.value && (
        <p class="well" role="status">
          {said.value}
        </p>
      )}
      {shown && (
        <AppointmentCard
          visit={shown}
          by={ofLink(token)}
          tracker={`/t/${token}`}
          heading="h2"
          onDone={done}
        />
      )}
      {shown && !shown.mayReschedule && (
        <p class="buttons">
          <a class="button" href={link("/book")}>
            {t("account_find_doctor")}
          </a>
        </p>
      )}
    </>
  );
}
