import { noticesOf, takesScreen } from "../model/notices";
import { now } from "../state/clock";
import { isLive, queues } from "../state/screen";
import { Emergency } from "./emergency";
import { NoticeStrip } from "./notice-strip";
import { NowCalling } from "./now-calling";
import { Rail } from "./rail";
import { Recent } from "./recent";
import { Stale } from "./stale";
import { TopLine } from "./top-line";

/** What the waiting room sees: tickets only. */
export function Board() {
  const notices = noticesOf(queues.value);
  const urgent = notices.filter((told) => takesScreen(told, now.value));
  if (urgent.length > 0) return <Emergency notices={urgent} />;
  return (
    <div class={isLive.value ? "board" : "board board-stale"}>
      <TopLine />
      <Stale />
      <NoticeStrip notices={notices} />
      <main class="middle">
        <NowCalling />
        <Rail />
      </main>
      <Recent />
    </div>
  );
}
