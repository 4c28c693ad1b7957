import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { NewCalendarFeedView } from "../../generated/contract";
import { t } from "../../patient/known";
import { announce } from "../../shared/announce";
import { qrOf, webcalOf } from "../state/feeds";

/** A new address: to subscribe with on this device, to scan, and to copy. It is told this once. */
export function NewFeed({ feed }: { feed: NewCalendarFeedView }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const address = useRef<HTMLInputElement>(null);
  const isCopied = useSignal(false);
  useEffect(() => heading.current?.focus(), []);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(feed.url);
    } catch {
      // Not allowed here: it is marked, so that it can be copied by hand.
      address.current?.select();
      return;
    }
    isCopied.value = true;
    announce(t("account_feed_copied"));
  }

  return (
    <section class="card new-feed" aria-labelledby="new-feed">
      <h2 id="new-feed" ref={heading} tabIndex={-1}>
        {t("account_feed_made")}
      </h2>
      <p class="note">{t("account_feed_once")}</p>
      <a class="button primary wide" href={webcalOf(feed.url)}>
        {t("account_feed_open")}
      </a>
      <div class="field">
        <label for="feed-address">{t("account_feed_address")}</label>
        <small id="feed-by-hand">{t("account_feed_by_hand")}</small>
        <input
          id="feed-address"
          ref={address}
          dir="ltr"
          readOnly
          value={feed.url}
          aria-describedby="feed-by-hand"
          onFocus={(event) => event.currentTarget.select()}
        />
      </div>
      {/* The clipboard is closed to pages that came over plain HTTP. */}
      {isSecureContext && (
        <button type="button" class="wide" onClick={() => void copy()}>
          {t(isCopied.value ? "account_feed_copied" : "account_feed_copy")}
        </button>
      )}
      <div class="link-card">
        <img src={qrOf(feed.url)} alt={t("account_feed_qr")} width="176" height="176" />
        <p class="soft">{t("account_feed_qr_hint")}</p>
      </div>
    </section>
  );
}
