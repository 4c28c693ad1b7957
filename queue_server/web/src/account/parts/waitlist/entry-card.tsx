import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { DoctorDetail, OwnEntryView, TimelineView } from "../../../generated/contract";
import { trouble } from "../../../patient/api";
import { Confirm } from "../../../patient/confirm";
import { isOffline } from "../../../patient/connection";
import { Failure } from "../../../patient/failure";
import { clinicOf, t } from "../../../patient/known";
import { useLoaded } from "../../../patient/use-loaded";
import { Standing } from "../../../patient/waitlist/standing";
import { changeEntry } from "../../state/waitlist";
import { EditWish } from "./edit-wish";
import { OfferCard } from "./offer-card";
import { Steps } from "./steps";
import { WishFacts } from "./wish-facts";

export interface EntryCardProps {
  entry: OwnEntryView;
  /** Whose it is, when it is not one's own. */
  who: string;
  onDone: (said: string, tracker?: string) => void;
}

/** What somebody waits for: how it stands, what is offered, and what may be done about it. */
export function EntryCard({ entry, who, onDone }: EntryCardProps) {
  const doing = useSignal<"" | "edit" | "leave">("");
  const timeline = useLoaded<TimelineView>(`/api/waitlists/${entry.id}/timeline`);
  useEffect(() => void timeline.load(), [entry.version, entry.status]);
  const { status, clinicId } = entry;
  const isWaiting = status === "active" || status === "invited" || status === "deferred";
  const offer = timeline.data.value?.offer;
  const close = () => (doing.value = "");
  const done = (text: string, tracker?: string) => {
    close();
    onDone(text, tracker);
  };
  return (
    <article class="card wish" data-entry={entry.id}>
      <p class="appointment-head">
        <span class={`chip wish-${status}`}>{t(`account_wish_${status}`)}</span>
      </p>
      <h3 class="visit-with" dir="auto">
        {entry.doctorId ? <Doctor id={entry.doctorId} /> : t("waitlist_anyone", { clinic: "" })}
      </h3>
      <p class="soft" dir="auto">
        {clinicOf(clinicId)?.name}
      </p>
      {who && <p>{t("account_for", { name: who })}</p>}
      {isWaiting && offer && <OfferCard offer={offer} onDone={done} />}
      {isWaiting && <Standing entry={entry} />}
      <WishFacts entry={entry} isWaiting={isWaiting} />
      <details class="why">
        <summary>{t("account_wish_history")}</summary>
        <Failure text={timeline.failure.value} onRetry={timeline.load} />
        <Steps steps={timeline.data.value?.steps ?? []} clinicId={clinicId} />
      </details>
      {isWaiting && (
        <div class="buttons">
          <button
            type="button"
            aria-expanded={doing.value === "edit"}
            disabled={isOffline.value}
            onClick={() => (doing.value = doing.value === "edit" ? "" : "edit")}
          >
            {t("account_wish_edit")}
          </button>
          <button
            type="button"
            class="danger"
            disabled={isOffline.value}
            onClick={() => (doing.value = "leave")}
          >
            {t("account_wish_leave")}
          </button>
        </div>
      )}
      {doing.value === "edit" && <EditWish entry={entry} onDone={done} onClose={close} />}
      {doing.value === "leave" && <Leave entry={entry} onDone={done} onClose={close} />}
    </article>
  );
}

function Doctor({ id }: { id: string }) {
  const doctor = useLoaded<DoctorDetail>(`/api/doctors/${id}`, true);
  const found = doctor.data.value;
  return <>{found ? [found.name, found.specialtyLabel].filter(Boolean).join(", ") : "…"}</>;
}

interface LeaveProps {
  entry: OwnEntryView;
  onDone: (said: string) => void;
  onClose: () => void;
}

function Leave({ entry, onDone, onClose }: LeaveProps) {
  const failure = useSignal("");
  const isBusy = useSignal(false);

  async function leave(): Promise<void> {
    isBusy.value = true;
    try {
      await changeEntry(entry, { status: "cancelled" });
      onDone(t("account_wish_left"));
    } catch (error) {
      failure.value = trouble(error);
      isBusy.value = false;
    }
  }

  return (
    <Confirm
      question={t("account_wish_leave_sure")}
      yes={t("account_wish_leave_yes")}
      no={t("account_wish_leave_no")}
      isGrave
      isBusy={isBusy.value}
      onYes={() => void leave()}
      onNo={onClose}
    >
      <p>{t("account_wish_leave_more")}</p>
      <Failure text={failure.value} />
    </Confirm>
  );
}
