import type { OwnEntryView } from "../../../generated/contract";
import { date, moment, shortDay } from "../../../patient/format";
import { t, zoneOf } from "../../../patient/known";
import { type Wish, wishOf } from "../../../patient/waitlist/wish";

/** What was wished for, and until when the wish stands. */
export function WishFacts({ entry, isWaiting }: { entry: OwnEntryView; isWaiting: boolean }) {
  const zone = zoneOf(entry.clinicId);
  const wish = wishOf(entry, zone);
  const parts = wish.parts.map((part) => t(part)).join(", ");
  return (
    <>
      <dl class="facts">
        <div>
          <dt>{t("waitlist_when")}</dt>
          <dd>{days(wish)}</dd>
          {parts && <dd>{parts}</dd>}
        </div>
        {wish.mode && (
          <div>
            <dt>{t("mode")}</dt>
            <dd>{t(wish.mode)}</dd>
          </div>
        )}
        {wish.notes && (
          <div>
            <dt>{t("waitlist_notes")}</dt>
            <dd dir="auto">{wish.notes}</dd>
          </div>
        )}
      </dl>
      {isWaiting && entry.deferredUntil && (
        <p class="note">
          {t("account_step_deferred", { until: moment(entry.deferredUntil, entry.clinicId) })}
        </p>
      )}
      {isWaiting && (
        <p class="soft small">{t("waitlist_until", { date: date(entry.expiresAt, zone) })}</p>
      )}
    </>
  );
}

function days({ from, to }: Wish): string {
  if (!from && !to) return t("account_wish_any_day");
  if (from === to) return shortDay(from);
  const said = [
    from && `${t("waitlist_from")} ${shortDay(from)}`,
    to && `${t("waitlist_to")} ${shortDay(to)}`,
  ];
  return said.filter(Boolean).join(" · ");
}
