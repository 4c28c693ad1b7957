import { words } from "../model/words";
import { announcing, calls } from "../state/calls";

/** The big panel: who is called, and where to go. */
export function NowCalling() {
  const call = announcing.value ?? calls.value.find((one) => one.isOpen);
  if (!call) {
    return (
      <section class="panel panel-quiet">
        <h1 class="panel-where">{words.quiet}</h1>
        <p class="panel-label">{words.quietMore}</p>
      </section>
    );
  }
  return (
    <section class="panel" aria-live="assertive" key={`${call.id} ${call.recalls}`}>
      <p class="panel-label">{words.nowCalling}</p>
      <h1 class="panel-ticket">{call.ticket}</h1>
      <p class="panel-where">{call.room ? words.goTo(call.room) : words.comeIn}</p>
    </section>
  );
}
