import { useEffect } from "preact/hooks";
import type { BookedAppointmentView } from "../../generated/contract";
import { Choice, Radios } from "../../patient/field";
import { t } from "../../patient/known";
import { useLoaded } from "../../patient/use-loaded";
import { earlierVisits } from "../model/follow-up";
import { failure } from "../state/booking";
import { followUp, followUpWords, kind, named, setFollowUp } from "../state/comes";

export interface KindOfVisitProps {
  patientId: string;
  doctorId: string;
}

/** Whether the visit follows up an earlier one: asked of whoever was seen before, of nobody else. */
export function KindOfVisit({ patientId, doctorId }: KindOfVisitProps) {
  const booked = useLoaded<BookedAppointmentView[]>("/api/me/appointments");
  const all = booked.data.value;
  const chosen = followUp.value;
  const earlier = earlierVisits(all ?? [], patientId, doctorId);
  const isGone = !!all && !!chosen && earlier.every(({ id }) => id !== chosen.id);
  useEffect(() => {
    if (!isGone) return;
    setFollowUp(null);
    failure.value = t("follow_up_gone");
  }, [isGone]);
  const first = chosen ?? earlier[0];
  if (!first) return booked.failure.value ? <Unknown again={booked.load} /> : null;
  return (
    <>
      <Radios
        label={t("visit_type")}
        value={kind.value.visitType}
        options={[
          { value: "consultation", label: t("consultation") },
          { value: "follow_up", label: followUpWords(first) },
        ]}
        onChange={(value) => setFollowUp(value === "follow_up" ? first : null)}
      />
      {chosen && earlier.length > 1 && (
        <Choice
          label={t("follow_up_which")}
          value={chosen.id}
          options={earlier.map((one) => ({ value: one.id, label: named(one) }))}
          onChange={(id) => setFollowUp(earlier.find((one) => one.id === id) ?? chosen)}
        />
      )}
    </>
  );
}

function Unknown({ again }: { again: () => Promise<void> }) {
  return (
    <div class="wrong" role="alert">
      <p>{t("follow_up_unknown")}</p>
      <button type="button" onClick={() => void again()}>
        {t("try_again")}
      </button>
    </div>
  );
}
