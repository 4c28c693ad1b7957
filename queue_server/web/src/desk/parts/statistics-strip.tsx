import { useEffect, useState } from "preact/hooks";
import type { StaffQueue, StatisticsView } from "../../generated/contract";
import { read } from "../state/api";

/** The figures of a lane's day, kept fresh while they are looked at. */
export function StatisticsStrip({ queue }: { queue: StaffQueue }) {
  const [figures, setFigures] = useState<StatisticsView | null>(null);
  const [failure, setFailure] = useState("");
  const { doctorId, date, version } = queue;

  useEffect(() => {
    // Many versions may come in a second; the figures may lag behind by two.
    const timer = setTimeout(
      () => {
        const query = new URLSearchParams({ date });
        read<StatisticsView>(`/api/appointments/queue/statistics/${doctorId}?${query}`)
          .then((answer) => {
            setFigures(answer);
            setFailure("");
          })
          .catch((error: Error) => setFailure(error.message));
      },
      figures ? 2000 : 0,
    );
    return () => clearTimeout(timer);
  }, [doctorId, date, version]);

  if (failure && !figures) {
    return (
      <p class="strip-failure" role="alert">
        No figures: {failure} Close and open them again.
      </p>
    );
  }
  if (!figures) return <p class="strip-loading">Loading the figures…</p>;
  return (
    <dl class="strip">
      {rows(figures).map(([word, value]) => (
        <div key={word}>
          <dt>{word}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function rows(figures: StatisticsView): [string, string][] {
  const peak = figures.peakHours[0];
  return [
    ["Seen", `${figures.completed} of ${figures.totalAppointments}`],
    ["Waiting", String(figures.waiting)],
    ["Typical wait", minutes(figures.medianWaitTime)],
    ["9 of 10 wait under", minutes(figures.p90WaitTime)],
    ["Consultation", minutes(figures.averageConsultationTime)],
    ["No-shows", `${figures.noShows} (${Math.round(figures.noShowRate * 100)} %)`],
    ["Early / late", `${figures.earlyArrivals} / ${figures.lateArrivals}`],
    ["Overtaken", String(figures.overtakes)],
    ...(peak ? ([["Busiest hour", peak.hour]] as [string, string][]) : []),
  ];
}

function minutes(value: number | null): string {
  return value === null ? "–" : `${Math.round(value)} min`;
}
