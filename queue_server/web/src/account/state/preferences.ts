import type { ChannelsView, PreferencesView } from "../../generated/contract";
import { session } from "../../patient/api";

export type Channel = keyof ChannelsView;
export type KindOfMessage = {
  [K in keyof PreferencesView]: PreferencesView[K] extends ChannelsView ? K : never;
}[keyof PreferencesView];

export const CHANNELS: readonly Channel[] = ["email", "sms", "whatsapp", "push"];

/** Kinds of messages as people think of them. */
export const GROUPS: readonly { name: string; kinds: readonly KindOfMessage[] }[] = [
  {
    name: "account_waitlist",
    kinds: [
      "waitlistInvited",
      "waitlistReminders",
      "waitlistJoined",
      "waitlistPromoted",
      "waitlistExpired",
      "waitlistCancelled",
    ],
  },
  { name: "account_group_day", kinds: ["called", "ahead", "delay", "emergency"] },
  { name: "account_appointments", kinds: ["booked", "reminder", "cancelled", "manual"] },
];

/** By which channels a kind comes. */
export function chosen(channels: ChannelsView): Channel[] {
  return CHANNELS.filter((channel) => channels[channel]);
}

export function pathOfPreferences(patientId: string): string {
  return `/api/patients/${patientId}/notification-preferences`;
}

/** Keep some of somebody's preferences; all others stay as they are. */
export async function keep(patientId: string, some: object): Promise<PreferencesView> {
  const call = { method: "PUT", body: some };
  return (await session.request<PreferencesView>(pathOfPreferences(patientId), call)).data;
}

/** Every time zone that this browser knows, with one that it may not know. */
export function timeZones(own: string | null): string[] {
  const known = Intl.supportedValuesOf?.("timeZone") ?? [];
  return own && !known.includes(own) ? [own, ...known] : known;
}
