import { shortDay } from "../../patient/format";
import { t } from "../../patient/known";
import { type FreeDay, nextFree, plusDays } from "../model/days";

export interface FurtherProps {
  /** What is said where nothing is free as far as can be looked. */
  nowhere: string;
  /** Whether that is known, is being looked for, or can be. */
  further: "can" | "looking" | "nothing";
  onFurther: () => void;
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
    </div>
  );
}

/** Weeks without any free times. */
export function FullWeeks(props: FurtherProps) {
  return (
    <div class="day-full empty">
      <p>{t("weeks_full")}</p>
      <Further {...props} />
    </div>
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
