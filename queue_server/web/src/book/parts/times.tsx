import { useSignal } from "@preact/signals";
import type { Mode, SlotView } from "../../generated/contract";
import { Radios } from "../../patient/field";
import { t } from "../../patient/known";
import { queryOfJoin } from "../model/join";
import "../times.css";
import { DayList } from "./day-list";
import { Freshness } from "./freshness";
import { FullWeeks } from "./full-day";
import { Month } from "./month";
import { Quieter } from "./quieter";
import { useSuggested } from "./use-suggested";
import { type Offering, useTimes } from "./use-times";

export interface TimesProps {
  of: Offering;
  /** The date that is shown first. */
  day?: string | undefined;
  mode?: Mode | undefined;
  /** The slot that is held for us, or asked for, by its id; for who comes this way. */
  mine: (mode: Mode) => string | null | undefined;
  onTake: (slot: SlotView, mode: Mode) => void;
}

/** When a doctor, or one of several, can be seen: a month, a day, its times. */
export function Times({ of, day, mode, mine, onTake }: TimesProps) {
  const wanted = mode && of.modes.includes(mode) ? mode : of.modes[0];
  const chosenMode = useSignal<Mode>(wanted ?? "in_person");
  const times = useTimes(of, chosenMode.value, day);
  const { today, monday, chosen, choose, move, days, shown, failure, isLive, retry } = times;
  const suggested = useSuggested(of.doctorId, chosen.value);
  const quiet = shown && suggested.hours.value && (
    <Quieter
      hours={suggested.hours.value}
      slots={shown.map(({ slot }) => slot)}
      mode={chosenMode.value}
    />
  );
  const isNothing = days.value?.every((one) => one.free === 0) && !chosen.value;
  const ahead = {
    nowhere: t(of.doctorId ? "nothing_ahead" : "any_none"),
    further: times.further.value,
    onFurther: () => void times.lookFurther(),
    join: queryOfJoin(of, chosenMode.value, chosen.value),
  };
  return (
    <div class="card availability">
      {of.modes.length > 1 && (
        <Radios
          label={t("mode")}
          value={chosenMode.value}
          options={of.modes.map((one) => ({ value: one, label: t(one) }))}
          onChange={(value) => (chosenMode.value = value as Mode)}
        />
      )}
      {failure.value && (
        <div class="wrong" role="alert">
          <p>{failure.value}</p>
          <button type="button" onClick={retry}>
            {t("try_again")}
          </button>
        </div>
      )}
      <Month
        today={today}
        monday={monday.value}
        chosen={chosen.value}
        days={days.value}
        onChoose={choose}
        onMove={move}
      />
      {isNothing && <FullWeeks {...ahead} />}
      {chosen.value && (
        <DayList
          date={chosen.value}
          mode={chosenMode.value}
          slots={suggested.hours.value && shown}
          days={days.value ?? []}
          mine={mine(chosenMode.value)}
          saysWhere={of.clinicIds.length > 1 && (!!of.doctorId || chosenMode.value !== "tele")}
          onTake={(slot) => onTake(slot, chosenMode.value)}
          onChoose={choose}
          {...ahead}
          {...(times.isCut.value && { onMore: times.showMore })}
        >
          {!suggested.isLate.value && quiet}
        </DayList>
      )}
      {suggested.isLate.value && quiet}
      <Freshness isLive={isLive.value} at={times.seenAt} clinicId={of.clinicId} />
    </div>
  );
}
