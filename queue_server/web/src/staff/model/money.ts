// Money travels in minor units and is read and typed in major ones.

/** The currencies whose minor unit is not a hundredth (ISO 4217). */
const EXPONENTS: Readonly<Record<string, number>> = Object.fromEntries([
  ..."BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
    .split(" ")
    .map((code) => [code, 0]),
  ..."BHD IQD JOD KWD LYD OMR TND".split(" ").map((code) => [code, 3]),
]);

/** How many decimals an amount of this currency has. */
export function decimalsOf(currency: string): number {
  return EXPONENTS[currency] ?? 2;
}

/** An amount as it is typed: `1250` cents are "12.50". */
export function typedAmount(minor: number | null, currency: string): string {
  return minor === null ? "" : (minor / 10 ** decimalsOf(currency)).toFixed(decimalsOf(currency));
}

/**
 * The minor units of what was typed, with a point or a comma before the decimals; null for nothing.
 * Throws with a sentence for what is no amount of this currency.
 */
export function minorUnits(typed: string, currency: string): number | null {
  const text = typed.trim().replace(",", ".");
  if (text === "") return null;
  const decimals = decimalsOf(currency);
  const [, whole, part = ""] = /^(\d{1,9})(?:\.(\d*))?$/.exec(text) ?? [];
  if (whole === undefined) throw new Error("Give an amount, like 45 or 45.50.");
  if (part.length > decimals)
    throw new Error(
      decimals === 0
        ? `${currency} has no decimals.`
        : `${currency} has ${decimals} decimals at most.`,
    );
  return Number(whole) * 10 ** decimals + Number(part.padEnd(decimals, "0") || 0);
}

/** An amount to be read, as the reader's language writes it. */
export function shownAmount(minor: number, currency: string, lang?: string): string {
  const digits = decimalsOf(currency);
  const format: Intl.NumberFormatOptions = {
    style: "currency",
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  };
  return new Intl.NumberFormat(lang, format).format(minor / 10 ** digits);
}

/** Codes and names of the currencies in use, by code. */
export function currencies(lang = "en"): { code: string; name: string }[] {
  const names = new Intl.DisplayNames(lang, { type: "currency" });
  return Intl.supportedValuesOf("currency")
    .filter((code) => IN_USE.test(names.of(code) ?? ""))
    .map((code) => ({ code, name: names.of(code) ?? code }));
}

// What browsers also know is history (with its years), funds and test codes.
const IN_USE = /^(?!.*(\d{4}|Fund|Testing|Unknown|WIR|Unidades|UVR|Unidad|next day|same day)).+$/i;
