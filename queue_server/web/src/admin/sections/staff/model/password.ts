// No letters or digits that are taken for each other when somebody reads a password aloud.
const SIGNS = "abcdefghijkmnpqrstuvwxyz23456789";
const GROUPS = 4;
const LENGTH = 4;

/** The fewest characters that the server takes. */
export const SHORTEST = 12;

/** Return a random password like `k3fp-9xmw-c7ru-hn2e`: four groups of four, 80 bits. */
export function makePassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(GROUPS * LENGTH));
  // 32 signs: a byte's remainder is as likely for each of them.
  const signs = [...bytes].map((byte) => SIGNS[byte % SIGNS.length]);
  return Array.from({ length: GROUPS }, (_, group) =>
    signs.slice(group * LENGTH, (group + 1) * LENGTH).join(""),
  ).join("-");
}
