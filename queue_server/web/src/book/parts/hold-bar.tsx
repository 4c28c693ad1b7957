import { moment } from "../../patient/format";
import { link, t } from "../../patient/known";
import { follow, route } from "../../shared/route";
import { giveUp, type Held, held, remaining, timesPage } from "../state/hold";

/** Steps of a booking have the bar on top: at the bottom stands what leads to the next one. */
export function isStep(path: string): boolean {
  return path === "/book/details" || path === "/book/pay";
}

/** What is held, and for how much longer; always in sight, amber when little time is left. */
export function HoldBar() {
  const mine = held.value;
  const left = remaining.value;
  if (!mine || !left) return null;
  const isHere = isStep(route.value.path);
  const look = `hold-bar ${left.isShort ? "short" : ""} ${isHere ? "on-top" : ""}`.trim();
  return (
    <aside class={look} aria-label={t("held_for")}>
      <p>
        <span>
          {t("held_for")} <b role="timer">{left.text}</b>
        </span>
        {!isHere && (
          <small>
            <bdi>{mine.doctor.name}</bdi>, {moment(mine.slot.start, mine.slot.clinicId)}
          </small>
        )}
      </p>
      {isHere ? (
        <button type="button" onClick={() => giveUpAndGo(mine)}>
          {t("give_up")}
        </button>
      ) : (
        <a class="button primary" href={link("/book/details")} onClick={follow}>
          {t("continue")}
        </a>
      )}
    </aside>
  );
}

function giveUpAndGo({ anyone, doctor }: Held): void {
  giveUp();
  history.pushState(null, "", timesPage(anyone ?? doctor));
  dispatchEvent(new PopStateEvent("popstate"));
}
