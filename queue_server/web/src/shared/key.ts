/** A fresh idempotency key. `crypto.randomUUID` is missing where the page came over plain HTTP. */
export function commandKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
