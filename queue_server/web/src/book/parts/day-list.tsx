import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Mode, PartOfDay } from "../../generated/contract";
import { day, time } from "../../patient/format";
import { clinicOf, t } from "../../patient/known";
import type { FreeDay } from "../model/days";
import { isFree, places, type ShownSlot } from "../model/slots";
import { FullDay, type FurtherProps } from "./full-day";

const PARTS: readonly PartOfDay[] = ["morning", "afternoon", "evening", "night"];

export interface DayListProps extends FurtherProps {
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
  /** What stands above the times. */
  children?: ComponentChildren;
}

/** The times of a day by part of the day; what somebody else takes fades where it stands. */
export function DayList(props: DayListProps) {
  const { date, mode, slots } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  const isSent = useRef(false);
  // Whoever was sent here begins to read here: the button that was pressed is gone.
  useEffect(() => {
    if (!slots || !isSent.current) return;
    isSent.current = false;
    heading.current?.focus();
  }, [date, !slots]);
  if (!slots) return <p class="starting">{t("loading")}</p>;
  const fits = slots.filter((one) => one.look !== "free" || isFree(one.slot, mode));
  const isEmpty = !fits.some((one) => one.look === "free");
  return (
    <section aria-labelledby="times-on">
      <h2 ref={heading} id="times-on" tabIndex={-1}>
        {t("times_on", { day: day(date) })}
      </h2>
      {props.children}
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
      {isEmpty && !props.onMore && (
        <FullDay
          {...props}
          onChoose={(next) => {
            isSent.current = true;
            props.onChoose(next);
          }}
          onFurther={() => {
            isSent.current = true;
            props.onFurther();
          }}
        />
      )}
    </section>
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
      data-slot={slot.id}
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
