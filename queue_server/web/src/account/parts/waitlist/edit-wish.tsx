import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { OwnEntryView } from "../../../generated/contract";
import { trouble } from "../../../patient/api";
import { isOffline } from "../../../patient/connection";
import { Failure } from "../../../patient/failure";
import { t, zoneOf } from "../../../patient/known";
import { bodyOf, mistakesOfWish, type WishMistakes, wishOf } from "../../../patient/waitlist/wish";
import { WishFields } from "../../../patient/waitlist/wish-fields";
import { serverNow } from "../../../shared/clock";
import { localDate } from "../../../shared/dates";
import { changeEntry } from "../../state/waitlist";

export interface EditWishProps {
  entry: OwnEntryView;
  onDone: (said: string) => void;
  onClose: () => void;
}

/** Another wish for the same entry, whose time goes on. */
export function EditWish({ entry, onDone, onClose }: EditWishProps) {
  const form = useRef<HTMLFormElement>(null);
  const zone = zoneOf(entry.clinicId);
  const wish = useSignal(wishOf(entry, zone));
  const mistakes = useSignal<WishMistakes>({});
  const failure = useSignal("");
  const isBusy = useSignal(false);
  useEffect(() => form.current?.querySelector("input")?.focus(), []);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    mistakes.value = mistakesOfWish(wish.value, localDate(zone, new Date(serverNow())));
    if (mistakes.value.to || isBusy.value) return;
    isBusy.value = true;
    failure.value = "";
    try {
      await changeEntry(entry, bodyOf(wish.value, zone));
      onDone(t("account_saved"));
    } catch (error) {
      failure.value = trouble(error);
    } finally {
      isBusy.value = false;
    }
  }

  return (
    <form ref={form} class="form edit-wish" noValidate onSubmit={(event) => void submit(event)}>
      <WishFields
        wish={wish.value}
        mistakes={mistakes.value}
        modes={["in_person", "tele"]}
        onChange={(changed) => (wish.value = { ...wish.value, ...changed })}
      />
      <Failure text={failure.value} />
      <div class="buttons">
        <button type="submit" class="primary" disabled={isBusy.value || isOffline.value}>
          {t("account_save")}
        </button>
        <button type="button" onClick={onClose}>
          {t("account_discard")}
        </button>
      </div>
    </form>
  );
}
