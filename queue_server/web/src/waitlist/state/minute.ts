import { computed } from "@preact/signals";
import { now } from "../../shared/clock";

const MINUTE_MS = 60_000;

/** Now, by the server's clock, moving each minute: long lists are not drawn anew every second. */
export const minute = computed(() => Math.ceil(now.value / MINUTE_MS) * MINUTE_MS);
