import { session } from "../../patient/api";
import { link, t } from "../../patient/known";
import { follow } from "../../shared/route";

/** A step of a booking that was not begun: where it begins. */
export function NothingHeld() {
  return (
    <div class="card empty">
      <h1>{t("nothing_held")}</h1>
      <p>{t("nothing_held_more")}</p>
      <a class="button primary" href={link("/book")} onClick={follow}>
        {t("search_heading")}
      </a>
      {session.current.value && (
        <a class="button" href={link("/account")}>
          {t("nav_account")}
        </a>
      )}
    </div>
  );
}
