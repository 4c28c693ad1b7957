import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { nearby } from "../../book/state/nearby";
import type { Mode, SlotView } from "../../generated/contract";
import { trouble } from "../../patient/api";
import { Failure } from "../../patient/failure";
import { moment, time } from "../../patient/format";
import { t } from "../../patient/known";

export interface InsteadProps {
  gone: SlotView;
  mode: Mode;
  /** The slot that the visit has: it is no other time. */
  own: string | null;
  onTake: (slot: SlotView) => void;
}

/** Somebody else was faster: what is free nearest to the time that was wanted. */
export function Instead({ gone, mode, own, onTake }: InsteadProps) {
  const found = useSignal<SlotView | null | undefined>(undefined);
  const failure = useSignal("");
  const box = useRef<HTMLDivElement>(null);

  function search(): void {
    failure.value = "";
    found.value = undefined;
    const query = { doctorId: gone.doctorId };
    const isTried = ({ id }: SlotView) => id === gone.id || id === own;
    nearby({ wanted: gone, mode, query, isOfMany: false, isTried }).then(
      (slot) => (found.value = slot),
      (error) => (failure.value = trouble(error)),
    );
  }

  useEffect(() => {
    box.current?.focus();
    search();
  }, [gone.id]);

  const other = found.value;
  const at = other && moment(other.start, other.clinicId);
  return (
    <div class="note instead" role="alert" tabIndex={-1} ref={box}>
      <span>{t("lost", { time: time(gone.start, gone.clinicId) })} </span>
      {other === undefined && !failure.value && <span>{t("loading")}</span>}
      {other === null && <span>{t("none_near")}</span>}
      {at && <span>{t("nearest", { time: at })}</span>}
      {other && at && (
        <p class="buttons">
          <button type="button" class="primary" onClick={() => onTake(other)}>
            {t("take", { time: at })}
          </button>
        </p>
      )}
      <Failure text={failure.value} onRetry={search} />
    </div>
  );
}
