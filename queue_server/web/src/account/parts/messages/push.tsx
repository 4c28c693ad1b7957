import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { trouble } from "../../../patient/api";
import { isOffline } from "../../../patient/connection";
import { Failure } from "../../../patient/failure";
import { t } from "../../../patient/known";
import { announce } from "../../../shared/announce";
import { NoAnswer, Refused } from "../../../shared/http";
import { findPushState, pushState, turnOff, turnOn } from "../../state/push";

/** Messages that this browser shows, also while no page is open. */
export function Push() {
  const failure = useSignal("");
  const isBusy = useSignal(false);
  useEffect(() => void findPushState(), []);
  const state = pushState.value;
  if (state === "unknown" || state === "none") return null;

  async function run(work: () => Promise<void>): Promise<void> {
    isBusy.value = true;
    failure.value = "";
    try {
      await work();
      if (pushState.value === "on") announce(t("account_push_is_on"));
    } catch (error) {
      // What the browser itself refuses it says in its own words only.
      const isOurs = error instanceof Refused || error instanceof NoAnswer;
      failure.value = isOurs ? trouble(error) : t("account_push_failed");
    } finally {
      isBusy.value = false;
    }
  }

  return (
    <section class="card">
      <h2>{t("account_push")}</h2>
      <p class="soft">{t(state === "on" ? "account_push_is_on" : "account_push_more")}</p>
      {state === "denied" && <p class="note">{t("account_push_denied")}</p>}
      <Failure text={failure.value} />
      {state !== "denied" && (
        <p class="buttons">
          <button
            type="button"
            disabled={isBusy.value || isOffline.value}
            onClick={() => void run(state === "on" ? turnOff : turnOn)}
          >
            {t(state === "on" ? "account_push_off" : "account_push_on")}
          </button>
        </p>
      )}
    </section>
  );
}
