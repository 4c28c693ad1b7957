import type { Mode, PartOfDay } from "../../generated/contract";
import { day, shortDay, time } from "../../patient/format";
import { clinicOf, t } from "../../patient/known";
import { type FreeDay, nextFree, plusDays } from "../model/days";
import { isFree, places, type ShownSlot } from "../model/slots";

const PARTS: readonly PartOfDay[] = ["morning", "afternoon", "evening", "night"];

export interface DayListProps {
  date: string;
  mode: Mode;
  slots: readonly ShownSlot[] | null;
  days: FreeDay[];
  /** The slot that is held for us, or asked for. */
  mine?: string | null | undefined;
  /** Whether the doctor works at several clinics, so that each time must say where. */
  saysWhere: boolean;
  onTake: (slot: ShownSlot["slot"]) => void;
  onChoose: (date: string) => void;
  /** Where there are more of this day than are shown. */
  onMore?: () => void;
}

/** The times of a day by part of the day; what somebody else takes fades where it stands. */
export function DayList(props: DayListProps) {
  const { date, mode, slots } = props;
  if (!slots) return <p class="starting">{t("loading")}</p>;
  const fits = slots.filter((one) => one.look !== "free" || isFree(one.slot, mode));
  const isEmpty = !fits.some((one) => one.look === "free");
  return (
    <section aria-labelledby="times-on">
      <h2 id="times-on">{t("times_on", { day: day(date) })}</h2>
      {PARTS.map((part) => (
        <Part
          key={part}
          part={part}
          shown={fits.filter((s) => s.slot.partOfDay === part)}
          {...props}
        />
      ))}
      {props.onMore && (
        <button type="button" class="wide more" onClick={props.onMore}>
          {t("later_times")}
        </button>
      )}
      {isEmpty && !props.onMore && <FullDay {...props} />}
    </section>
  );
}

/** A day without free times names the next one that has some. */
function FullDay({ date, days, onChoose }: DayListProps) {
  const next = nextFree(days, plusDays(date, 1)) ?? nextFree(days, "");
  return (
    <div class="day-full empty">
      <p>{t("day_full")}</p>
      {next && (
        <button type="button" class="primary" onClick={() => onChoose(next.date)}>
          {t("to_next_day", { day: shortDay(next.date) })}
        </button>
      )}
    </div>
  );
}

function Part({ part, shown, ...props }: DayListProps & { part: PartOfDay; shown: ShownSlot[] }) {
  if (shown.length === 0) return null;
  return (
    <>
      <h3 class="part">{t(part)}</h3>
      <ul class="times">
        {shown.map((one) => (
          <li key={one.slot.id}>
            <Time one={one} {...props} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Time({ one, mode, mine, saysWhere, onTake }: DayListProps & { one: ShownSlot }) {
  const { slot, look } = one;
  const isMine = mine === slot.id;
  const isGone = look !== "free" && !isMine;
  const many = places(slot, mode);
  return (
    <button
      type="button"
      class={`time ${isMine ? "time-mine" : isGone ? "time-gone" : ""}`}
      aria-disabled={isGone}
      onClick={() => !isGone && onTake(slot)}
    >
      <b>{time(slot.start, slot.clinicId)}</b>
      {isMine && <small>{t("held_for")}</small>}
      {isGone && <small>{t(look)}</small>}
      {!isGone && !isMine && many > 1 && <small>{t("places", { n: many })}</small>}
      {saysWhere && <small dir="auto">{clinicOf(slot.clinicId)?.name}</small>}
    </button>
  );
}
