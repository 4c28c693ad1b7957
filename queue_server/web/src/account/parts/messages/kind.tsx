import type { ChannelsView } from "../../../generated/contract";
import { isOffline } from "../../../patient/connection";
import { t } from "../../../patient/known";
import { CHANNELS, type Channel, chosen, type KindOfMessage } from "../../state/preferences";

export interface KindProps {
  kind: KindOfMessage;
  channels: ChannelsView;
  onChange: (changed: Partial<ChannelsView>) => void;
}

/** How a kind of message comes, in words; opened, to be chosen. */
export function Kind({ kind, channels, onChange }: KindProps) {
  const name = t(`account_notice_${kind}`);
  return (
    <details class="kind">
      <summary>
        <span>
          <b>{name}</b>
          <small class="soft">{waysIn(chosen(channels))}</small>
        </span>
      </summary>
      <fieldset class="form">
        <legend class="sr-only">{name}</legend>
        {CHANNELS.map((channel) => (
          <label key={channel} class="check">
            <input
              type="checkbox"
              checked={channels[channel]}
              disabled={isOffline.value}
              onChange={(event) => onChange({ [channel]: event.currentTarget.checked })}
            />
            {t(`account_by_${channel}`)}
          </label>
        ))}
      </fieldset>
    </details>
  );
}

function waysIn(ways: readonly Channel[]): string {
  if (ways.length === CHANNELS.length) return t("account_by_all");
  return ways.map((channel) => t(`account_by_${channel}`)).join(", ") || t("account_by_none");
}
