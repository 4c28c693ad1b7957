/** Zeros of the digits that keyboards of our languages have, beside the ones of ASCII. */
const ZEROS = [0x0660, 0x06f0, 0x0966, 0xff10];

/** A text with the digits of other scripts as 0 to 9, and a plus sign as "+". */
export function asciiDigits(text: string): string {
  return text.replace(/[٠-٩۰-۹०-९０-９＋]/g, (sign) => {
    const code = sign.codePointAt(0) ?? 0;
    const zero = ZEROS.find((one) => code >= one && code < one + 10);
    return zero === undefined ? "+" : String(code - zero);
  });
}
