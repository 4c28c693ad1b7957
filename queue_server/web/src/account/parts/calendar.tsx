import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { CalendarFeedView, NewCalendarFeedView } from "../../generated/contract";
import { isRefusal, session, trouble } from "../../patient/api";
import { Confirm } from "../../patient/confirm";
import { isOffline } from "../../patient/connection";
import { Failure } from "../../patient/failure";
import { stamp } from "../../patient/format";
import { t } from "../../patient/known";
import { useLoaded } from "../../patient/use-loaded";
import { announce } from "../../shared/announce";
import { NewFeed } from "./new-feed";

const PATH = "/api/calendar-feeds";

/** Addresses that calendars elsewhere subscribe to: made, told once, withdrawn. */
export function Calendar() {
  const feeds = useLoaded<CalendarFeedView[]>(PATH);
  const made = useSignal<NewCalendarFeedView | null>(null);
  const leaving = useSignal<CalendarFeedView | null>(null);
  const failure = useSignal("");
  const said = useSignal("");
  const isBusy = useSignal(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const all = feeds.data.value;

  async function make(): Promise<void> {
    if (isBusy.value) return;
    isBusy.value = true;
    failure.value = "";
    said.value = "";
    try {
      const call = { method: "POST", body: {} };
      made.value = (await session.request<NewCalendarFeedView>(PATH, call)).data;
      announce(t("account_feed_once"));
      await feeds.load();
    } catch (error) {
      failure.value = isRefusal(error, "conflict") ? t("account_feed_full") : trouble(error);
    } finally {
      isBusy.value = false;
    }
  }

  async function withdrawn(feed: CalendarFeedView): Promise<void> {
    leaving.value = null;
    if (made.value?.id === feed.id) made.value = null;
    await feeds.load();
    said.value = t("account_feed_revoked");
    announce(said.value);
    // What was pressed is not there any more.
    heading.current?.focus();
  }

  return (
    <>
      {said.value && <p class="well">{said.value}</p>}
      <section class="card">
        <h2 ref={heading} tabIndex={-1}>
          {t("account_feed_heading")}
        </h2>
        <p class="soft">{t("account_feed_more")}</p>
        <Failure text={failure.value} />
        <p class="buttons">
          <button
            type="button"
            class={made.value ? "" : "primary"}
            disabled={isBusy.value || isOffline.value}
            onClick={() => void make()}
          >
            {t("account_feed_make")}
          </button>
        </p>
      </section>
      {made.value && <NewFeed key={made.value.id} feed={made.value} />}
      <Failure text={feeds.failure.value} onRetry={feeds.load} />
      {all && all.length > 0 && (
        <section class="card">
          <h2>{t("account_feeds")}</h2>
          <ul class="feeds">
            {all.map((one) => (
              <li key={one.id}>
                <span>{t("account_feed_since", { time: stamp(one.createdAt) })}</span>
                <button
                  type="button"
                  class="danger"
                  aria-label={`${t("account_feed_revoke")}: ${stamp(one.createdAt)}`}
                  disabled={isOffline.value}
                  onClick={() => (leaving.value = one)}
                >
                  {t("account_feed_revoke")}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {leaving.value && (
        <Withdraw feed={leaving.value} onDone={withdrawn} onClose={() => (leaving.value = null)} />
      )}
    </>
  );
}

interface WithdrawProps {
  feed: CalendarFeedView;
  onDone: (feed: CalendarFeedView) => Promise<void>;
  onClose: () => void;
}

function Withdraw({ feed, onDone, onClose }: WithdrawProps) {
  const failure = useSignal("");
  const isBusy = useSignal(false);

  async function withdraw(): Promise<void> {
    isBusy.value = true;
    try {
      await session.request(`${PATH}/${feed.id}`, { method: "DELETE" });
    } catch (error) {
      // Withdrawn on another device: it is gone, as was wanted.
      if (!isRefusal(error, "not_found")) {
        failure.value = trouble(error);
        isBusy.value = false;
        return;
      }
    }
    await onDone(feed);
  }

  return (
    <Confirm
      question={t("account_feed_revoke_sure", { time: stamp(feed.createdAt) })}
      yes={t("account_feed_revoke")}
      no={t("back")}
      isGrave
      isBusy={isBusy.value}
      onYes={() => void withdraw()}
      onNo={onClose}
    >
      <p>{t("account_feed_revoke_more")}</p>
      <Failure text={failure.value} />
    </Confirm>
  );
}
