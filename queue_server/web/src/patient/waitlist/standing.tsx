import type { OwnEntryView } from "../../generated/contract";
import { date } from "../format";
import { t, zoneOf } from "../known";

/** Why an entry has its place, in sentences; the points themselves say nothing to anybody. */
export function reasonsOf(entry: OwnEntryView): string[] {
  const since = date(entry.createdAt, zoneOf(entry.clinicId));
  return entry.scoreReasons.map(({ code }) => t(`waitlist_why_${code}`, { date: since }));
}

/** The place on the list, and what it comes from. */
export function Standing({ entry }: { entry: OwnEntryView }) {
  const { position } = entry;
  return (
    <>
      {position !== null && (
        <p class="place">
          {t("waitlist_place")} <b>{position}</b>
        </p>
      )}
      <details class="why" open={false}>
        <summary>{t("waitlist_why")}</summary>
        <ul class="reasons">
          {reasonsOf(entry).map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
          <li>{t("waitlist_why_all")}</li>
        </ul>
      </details>
    </>
  );
}
