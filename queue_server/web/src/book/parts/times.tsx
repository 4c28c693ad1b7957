import { useSignal } from "@preact/signals";
import type { DoctorDetail, Mode, SlotView } from "../../generated/contract";
import { Radios } from "../../patient/field";
import { t } from "../../patient/known";
import "../times.css";
import { DayList } from "./day-list";
import { Month } from "./month";
import { useTimes } from "./use-times";

export interface TimesProps {
  doctor: DoctorDetail;
  /** The date that is shown first. */
  day?: string | undefined;
  mode?: Mode | undefined;
  /** The slot that is held for us, or asked for. */
  mine?: string | null | undefined;
  onTake: (slot: SlotView, mode: Mode) => void;
}

/** When a doctor can be seen: a month, a day, its times. */
export function Times({ doctor, day, mode, mine, onTake }: TimesProps) {
  const chosenMode = useSignal<Mode>(mode ?? doctor.modes[0] ?? "in_person");
  const times = useTimes(doctor, chosenMode.value, day);
  const { today, monday, chosen, choose, days, slots, failure, isLive, retry } = times;
  const isNothing = days.value?.every((one) => one.free === 0) && !chosen.value;
  return (
    <div class="card availability">
      {doctor.modes.length > 1 && (
        <Radios
          label={t("mode")}
          value={chosenMode.value}
          options={doctor.modes.map((one) => ({ value: one, label: t(one) }))}
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
          {t("nothing_ahead")} {t("nothing_ahead_more")}
        </div>
      )}
      {chosen.value && (
        <DayList
          date={chosen.value}
          mode={chosenMode.value}
          slots={slots.value}
          days={days.value ?? []}
          mine={mine}
          saysWhere={doctor.clinicIds.length > 1}
          onTake={(slot) => onTake(slot, chosenMode.value)}
          onChoose={choose}
        />
      )}
      <p class={isLive.value ? "freshness live" : "freshness"}>
        <i aria-hidden="true" /> {t(isLive.value ? "live" : "by_itself")}
      </p>
    </div>
  );
}
