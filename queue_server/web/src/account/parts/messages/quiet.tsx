import { useSignal } from "@preact/signals";
import type { PreferencesView } from "../../../generated/contract";
import { isOffline } from "../../../patient/connection";
import { Choice, Field } from "../../../patient/field";
import { t, zoneOf } from "../../../patient/known";
import { timeZones } from "../../state/preferences";

const USUAL = { start: "22:00", end: "07:00" };

export interface QuietProps {
  preferences: PreferencesView;
  save: (some: object) => Promise<boolean>;
}

/** When nothing comes that can wait: as the clinic has it, or by one's own hours and clock. */
export function Quiet({ preferences, save }: QuietProps) {
  const { quietHours, timezone } = preferences;
  const isOwn = useSignal(quietHours !== null);
  const hours = useSignal(quietHours ?? USUAL);
  const zone = useSignal(timezone ?? zoneOf(""));
  const isBusy = useSignal(false);

  async function keep(some: object): Promise<void> {
    isBusy.value = true;
    await save(some);
    isBusy.value = false;
  }

  function choose(own: boolean): void {
    isOwn.value = own;
    if (!own && quietHours) void keep({ quietHours: null, timezone: null });
  }

  return (
    <section class="card">
      <h2>{t("account_quiet")}</h2>
      <p class="soft">{t("account_quiet_more")}</p>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void keep({ quietHours: hours.value, timezone: zone.value });
        }}
      >
        <label class="check">
          <input
            type="checkbox"
            checked={isOwn.value}
            disabled={isOffline.value}
            onChange={(event) => choose(event.currentTarget.checked)}
          />
          {t("account_quiet_own")}
        </label>
        {isOwn.value && (
          <>
            <div class="date-pair">
              <Field
                label={t("account_quiet_from")}
                type="time"
                required
                value={hours.value.start}
                onInput={(start) => (hours.value = { ...hours.value, start })}
              />
              <Field
                label={t("account_quiet_to")}
                type="time"
                required
                value={hours.value.end}
                onInput={(end) => (hours.value = { ...hours.value, end })}
              />
            </div>
            <Choice
              label={t("account_quiet_zone")}
              value={zone.value}
              options={timeZones(zone.value).map((name) => ({
                value: name,
                label: name.replaceAll("_", " "),
              }))}
              onChange={(name) => (zone.value = name)}
            />
            <button
              type="submit"
              class="primary"
              disabled={isBusy.value || isOffline.value || !hours.value.start || !hours.value.end}
            >
              {t("account_save")}
            </button>
          </>
        )}
      </form>
    </section>
  );
}
