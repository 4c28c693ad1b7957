import { useSignal } from "@preact/signals";
import type { Mode, SlotView } from "../../generated/contract";
import { Radios } from "../../patient/field";
import { t } from "../../patient/known";
import "../times.css";
import { DayList } from "./day-list";
import { Month } from "./month";
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
  const chosenMode = useSignal<Mode>(mode ?? of.modes[0] ?? "in_person");
  const times = useTimes(of, chosenMode.value, day);
  const { today, monday, chosen, choose, days, shown, failure, isLive, retry } = times;
  const isNothing = days.value?.every((one) => one.free === 0) && !chosen.value;
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
        onMove={(next) => {
          days.value = null;
          monday.value = next;
        }}
      />
      {isNothing && (
        <div class="note">
          {t(of.doctorId ? "nothing_ahead" : "any_none")} {t("nothing_ahead_more")}
        </div>
      )}
      {chosen.value && (
        <DayList
          date={chosen.value}
          mode={chosenMode.value}
          slots={shown}
          days={days.value ?? []}
          mine={mine(chosenMode.value)}
          saysWhere={of.clinicIds.length > 1 && (!!of.doctorId || chosenMode.value !== "tele")}
          onTake={(slot) => onTake(slot, chosenMode.value)}
          onChoose={choose}
          {...(times.isCut.value && { onMore: times.showMore })}
        />
      )}
      <p class={isLive.value ? "freshness live" : "freshness"}>
        <i aria-hidden="true" /> {t(isLive.value ? "live" : "by_itself")}
      </p>
    </div>
  );
}
