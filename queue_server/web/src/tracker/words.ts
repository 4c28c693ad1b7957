/** The phrases of the page's language, as the server's catalog has them. */
export type Words = Record<string, string>;

/** Fill the gaps of one phrase. */
export function phrase(words: Words, key: string, filled: Record<string, unknown> = {}): string {
  return (words[key] ?? "").replace(/\{(\w+)\}/g, (_, name) => String(filled[name]));
}

/** A phrase that counts, in the plural form its language wants. */
export function counted(words: Words, language: string, key: string, n: number): string {
  const form = `${key}_${new Intl.PluralRules(language).select(n)}`;
  return phrase(words, form in words ? form : `${key}_other`, { n });
}

/** A wall time in the clinic's zone, as the server writes it: "9:15 AM" or "09:15". */
export function timeOfDay(words: Words, instant: string | number, timeZone: string): string {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, timeStyle: "short" });
  const [hour = "", minute] = format.format(new Date(instant)).split(":");
  const half = words[+hour < 12 ? "am" : "pm"];
  return half ? `${+hour % 12 || 12}:${minute} ${half}` : `${hour}:${minute}`;
}
