import { clockTime } from "../../shared/dates";
import { language, words } from "../model/words";
import { isMute, unmute } from "../state/announce";
import { now } from "../state/clock";
import { queues } from "../state/screen";

/** Clinic and time of day. */
export function TopLine() {
  const header = queues.value[0]?.header;
  if (!header) return null;
  return (
    <header class="top-line">
      <p>{header.clinicName}</p>
      {isMute.value && (
        <button type="button" onClick={() => void unmute()}>
          {words.sound}
        </button>
      )}
      <time>{clockTime(now.value, header.timezone, language)}</time>
    </header>
  );
}
