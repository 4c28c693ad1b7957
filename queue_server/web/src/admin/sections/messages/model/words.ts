import type { Channel, Kind, State } from "../../../../generated/contract";

// What messages are about, how they travel, and what became of them, in words.

export const KIND_WORDS: Readonly<Record<Kind, string>> = {
  waitlist_joined: "Joined the waitlist",
  waitlist_invited: "A time is offered",
  waitlist_reminder: "An offer waits for an answer",
  waitlist_promoted: "Booked from the waitlist",
  waitlist_expired: "Waited too long",
  waitlist_cancelled: "Off the waitlist",
  booked: "Booked",
  reminder: "Reminder of a visit",
  called: "Called in",
  ahead: "Nearly next",
  delay: "Running late",
  emergency: "Emergency",
  cancelled: "Visit cancelled",
  manual: "Written by staff",
  sign_in_code: "Code to sign in",
};

export const CHANNEL_WORDS: Readonly<Record<Channel, string>> = {
  email: "E-mail",
  sms: "Text message",
  whatsapp: "WhatsApp",
  push: "Push",
};

export const STATE_WORDS: Readonly<Record<State, string>> = {
  queued: "Waiting to be sent",
  sent: "Sent",
  passed_on: "Went on through another channel",
  expired: "Too late by then",
  dead: "Could not be sent",
};

/** How a state looks: shape and word, never colour alone. */
export const STATE_CHIPS: Readonly<Record<State, string>> = {
  queued: "chip chip-info",
  sent: "chip chip-ok",
  passed_on: "chip",
  expired: "chip chip-warn",
  dead: "chip chip-danger",
};

/** The languages that messages speak. */
export const LANGUAGES = ["en", "es", "hi", "ar"] as const;

/** The kinds that organisations may word themselves: all but codes, which have to be recognised. */
export const WORDED_KINDS = (Object.keys(KIND_WORDS) as Kind[]).filter(
  (kind) => kind !== "sign_in_code",
);

/** Whether messages of a channel have a subject. */
export function hasSubject(channel: Channel): boolean {
  return channel === "email" || channel === "push";
}

/** Which way a language is written. */
export function directionOf(language: string): "rtl" | "ltr" {
  return language === "ar" ? "rtl" : "ltr";
}

/** How long a text is, and in how many parts it is sent, where that is what is paid for. */
export function lengthWords(characters: number, textParts: number | null): string {
  const length = `${characters} ${characters === 1 ? "character" : "characters"}`;
  if (textParts === null) return length;
  return `${length}, sent as ${textParts} ${textParts === 1 ? "text" : "texts"}`;
}

/** A text with a field put in where the cursor was, and where the cursor then is. */
export function withField(
  text: string,
  field: string,
  start: number,
  end: number,
): { text: string; cursor: number } {
  const put = `{${field}}`;
  return { text: text.slice(0, start) + put + text.slice(end), cursor: start + put.length };
}

/** The name of what is said where a clinic has chosen no other wording. */
export const USUAL = "default";

/** What is wrong with the name of a wording. */
export function nameFault(name: string): string | undefined {
  if (name === USUAL) return "This is the usual one: give another name.";
  return /^[a-z0-9][a-z0-9_-]{0,39}$/.test(name)
    ? undefined
    : "Small letters, digits and hyphens, like after-hours.";
}
