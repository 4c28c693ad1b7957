import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Suggestion, SuggestionsView } from "../../generated/contract";
import { look } from "../../patient/api";

/** How long the times of a day wait for what is said above them. */
const PATIENCE_MS = 500;

/**
 * The hours of a doctor's day that suit best, best first. Null while the day's times should wait
 * for them; what comes later than that is `late`, and must move nothing that is read already.
 */
export function useSuggested(doctorId: string | null, date: string | null) {
  const hours = useSignal<readonly Suggestion[] | null>(null);
  const isLate = useSignal(false);
  useEffect(() => {
    hours.value = doctorId && date ? null : [];
    isLate.value = false;
    if (!doctorId || !date) return;
    let isOld = false;
    const timer = setTimeout(() => {
      isLate.value = true;
      hours.value = [];
    }, PATIENCE_MS);
    const settle = (found: readonly Suggestion[]) => {
      clearTimeout(timer);
      if (!isOld) hours.value = found;
    };
    look<SuggestionsView>(`/api/appointments/queue/suggest-slots/${doctorId}`, { date }).then(
      ({ data }) => settle(data.suggestions),
      // All times of the day are there without it.
      () => settle([]),
    );
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [doctorId, date]);
  return { hours, isLate };
}
