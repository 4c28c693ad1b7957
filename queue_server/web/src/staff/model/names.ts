// Names of countries, languages and zones, as the browser knows them: no lists of ours.

const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const PAIRS = LETTERS.flatMap((one) => LETTERS.map((other) => one + other));
// What the browser has a name for, but is no country or language.
const NO_COUNTRY = new Set([
  "EU",
  "EZ",
  "UN",
  "XA",
  "XB",
  "ZZ",
  "QO",
  "AC",
  "CP",
  "DG",
  "EA",
  "IC",
  "TA",
]);
const NO_LANGUAGE = new Set(["zz"]);

export interface Named {
  code: string;
  name: string;
}

function named(codes: readonly string[], type: "region" | "language", lang: string): Named[] {
  const names = new Intl.DisplayNames(lang, { type, fallback: "none" });
  return codes
    .map((code) => ({ code, name: names.of(code) ?? "" }))
    .filter(({ name }) => name !== "")
    .sort((one, other) => one.name.localeCompare(other.name, lang));
}

/** Countries with their ISO 3166 codes, by name. */
export function countries(lang = "en"): Named[] {
  const codes = PAIRS.filter((code) => !NO_COUNTRY.has(code));
  // Browsers resolve codes that were taken back, too: `DD` is Germany, whose code is `DE`.
  return named(
    codes.filter((code) => new Intl.Locale(`und-${code}`).region === code),
    "region",
    lang,
  );
}

/** Languages with their two-letter tags, by name. */
export function languages(lang = "en"): Named[] {
  const codes = PAIRS.map((code) => code.toLowerCase()).filter((code) => !NO_LANGUAGE.has(code));
  return named(codes, "language", lang);
}

/** The name of a language, or its tag where it has none. */
export function languageName(tag: string, lang = "en"): string {
  try {
    return new Intl.DisplayNames(lang, { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** The name of a country, or its code where it has none. */
export function countryName(code: string, lang = "en"): string {
  try {
    return new Intl.DisplayNames(lang, { type: "region" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** The zones of the world. */
export function zones(): string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
}

/** The code of what somebody typed, which may be the code or the name; null when it is neither. */
export function codeOf(typed: string, among: readonly Named[]): string | null {
  const text = typed.trim().toLowerCase();
  const found = among.find(
    ({ code, name }) => code.toLowerCase() === text || name.toLowerCase() === text,
  );
  return found?.code ?? null;
}

/** What a code of ours (`general_practice`) reads like. */
export function spelled(code: string): string {
  const words = code.replace(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The code for a name: small letters, digits and underscores; empty when nothing is left. */
export function codeFor(name: string): string {
  return name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 48);
}
