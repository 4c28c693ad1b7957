import { shortDay } from "../../patient/format";
import { link, t } from "../../patient/known";
import { follow, route } from "../../shared/route";
import { type FreeDay, nextFree, plusDays } from "../model/days";

export interface FurtherProps {
  /** What is said where nothing is free as far as can be looked. */
  nowhere: string;
  /** Whether that is known, is being looked for, or can be. */
  further: "can" | "looking" | "nothing";
  onFurther: () => void;
  /** What the way to the waitlist says of who is waited for; null where there is none. */
  join: Record<string, string> | null;
}

export interface FullDayProps extends FurtherProps {
  date: string;
  days: FreeDay[];
  onChoose: (date: string) => void;
}

/** A day without free times names the next one that has some, or looks for it. */
export function FullDay({ date, days, onChoose, ...rest }: FullDayProps) {
  const next = nextFree(days, plusDays(date, 1)) ?? nextFree(days, "");
  return (
    <div class="day-full empty">
      <p>{t("day_full")}</p>
      {next ? (
        <button type="button" class="primary" onClick={() => onChoose(next.date)}>
          {t("to_next_day", { day: shortDay(next.date) })}
        </button>
      ) : (
        <Further {...rest} />
      )}
      <Join query={rest.join} />
    </div>
  );
}

/** Weeks without any free times. */
export function FullWeeks(props: FurtherProps) {
  return (
    <div class="day-full empty">
      <p>{t("weeks_full")}</p>
      <Further {...props} />
      <Join query={props.join} />
    </div>
  );
}

/** The way to the list of those who are told when a time is free. */
function Join({ query }: { query: Record<string, string> | null }) {
  if (!query) return null;
  // From an account it is another page.
  const isHere = route.value.path.startsWith("/book");
  return (
    <a class="button" href={link("/book/waitlist", query)} {...(isHere && { onClick: follow })}>
      {t("waitlist_join")}
    </a>
  );
}

function Further({ nowhere, further, onFurther }: FurtherProps) {
  if (further === "nothing") {
    return (
      <p class="note">
        {nowhere} {t("nothing_ahead_more")}
      </p>
    );
  }
  const isLooking = further === "looking";
  return (
    <button type="button" class="primary" aria-disabled={isLooking} onClick={onFurther}>
      {t(isLooking ? "loading" : "further")}
    </button>
  );
}
