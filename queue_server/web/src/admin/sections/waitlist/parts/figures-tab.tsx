import type {
  FairnessFigures,
  FairnessGroup,
  WaitlistFairness,
  WaitlistMetrics,
} from "../../../../generated/contract";
import { addDays } from "../../../../schedule/model/wall-time";
import { zoneOf } from "../../../../schedule/state/zones";
import { localDate } from "../../../../shared/dates";
import { AsOf } from "../../../../staff/as-of";
import { Chart } from "../../../../staff/chart";
import { spelled } from "../../../../staff/model/names";
import { useResource } from "../../../../staff/resource";
import { get, query } from "../../../../staff/rest";
import { Empty, Loaded } from "../../../../staff/states";
import { clinicFilter, filterBy } from "../../../state/address";
import { minutesWords, share } from "../../today/model/tiles";
import { daysOf, decimal, evenWords, PERIODS } from "../model/figures";

/** What became of the waitlists, day by day, and how fairly people waited. */
export function FiguresTab({ filters }: { filters: URLSearchParams }) {
  const clinicId = clinicFilter.value;
  const days = Number(filters.get("days") ?? 30);
  const to = localDate(zoneOf(clinicId));
  const from = addDays(to, 1 - days);
  const asked = query({ clinicId, from, to });
  const metrics = useResource(`metrics${asked}`, () =>
    get<WaitlistMetrics>(`/api/analytics/waitlist${asked}`),
  );
  const fairness = useResource(`fairness${asked}`, () =>
    get<WaitlistFairness>(`/api/analytics/waitlist/fairness${asked}`),
  );
  return (
    <>
      <div class="filters">
        <label>
          <span class="filter-label">Of the last</span>
          <select
            value={String(days)}
            onChange={(event) => filterBy({ days: event.currentTarget.value })}
          >
            {PERIODS.map(({ value, label }) => (
              <option key={value} value={value} selected={value === String(days)}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <div class="filters-end">
          <AsOf of={metrics} />
        </div>
      </div>
      <Loaded of={metrics} what="the figures">
        {(found) => <Metrics found={found} from={from} to={to} />}
      </Loaded>
      <Loaded of={fairness} what="how fairly people waited">
        {(found) => <Fairness found={found} />}
      </Loaded>
    </>
  );
}

interface MetricsProps {
  found: WaitlistMetrics;
  from: string;
  to: string;
}

function Metrics({ found: { total, days }, from, to }: MetricsProps) {
  if (days.length === 0)
    return (
      <Empty title="Nothing happened in this time">
        <p>As soon as somebody joins a waitlist, the days stand here.</p>
      </Empty>
    );
  const shown = daysOf(days, from, to);
  const labels = shown.map(({ label }) => label);
  return (
    <>
      <dl class="tiles figures">
        <Figure label="Booked from the list" value={total.promoted} />
        <Figure label="Left with a time" value={share(total.conversionRate)} />
        <Figure label="Offers for each booking" value={decimal(total.offersPerFill)} />
        <Figure label="Until a freed time was taken" value={minutesWords(total.avgMinutesToFill)} />
        <Figure label="Waited for it" value={minutesWords(total.avgWaitMinutes)} />
        <Figure label="Expired" value={total.expired} />
      </dl>
      <section class="card">
        <Chart
          title="Who waits, and who is booked"
          unit="people"
          isWide
          places={labels}
          series={[
            { label: "Waiting", kind: "line", values: shown.map(({ depth }) => depth) },
            { label: "Booked", kind: "bars", values: shown.map(({ promoted }) => promoted) },
            { label: "Joined", kind: "bars", values: shown.map(({ joined }) => joined) },
          ]}
        />
      </section>
      <div class="columns">
        <section class="card">
          <Chart
            title="Minutes until a freed time was taken"
            unit="minutes"
            places={labels}
            series={[
              {
                label: "Minutes",
                kind: "line",
                values: shown.map(({ minutesToFill }) => minutesToFill),
              },
            ]}
          />
        </section>
        <section class="card">
          <Chart
            title="Of those who left the list, how many had a time"
            unit="per cent"
            places={labels}
            series={[
              {
                label: "Per cent",
                kind: "line",
                values: shown.map(({ conversion }) => conversion && Math.round(conversion * 100)),
              },
            ]}
          />
        </section>
      </div>
    </>
  );
}

function Figure({ label, value }: { label: string; value: number | string }) {
  return (
    <div class="tile">
      <dt>{label}</dt>
      <dd>
        <span class="tile-value">{value}</span>
      </dd>
    </div>
  );
}

function Fairness({ found: { promoted, waiting } }: { found: WaitlistFairness }) {
  return (
    <section class="card">
      <h2>How fairly people wait</h2>
      <p class="hint">
        Each wait is measured by how long it should be at most for its urgency: 1.0 is all of that
        time. Even means that nobody waits a much greater part of it than others.
      </p>
      <Group title="Who waits now" group={waiting} />
      <Group title="Who was booked in this time" group={promoted} />
    </section>
  );
}

function Group({ title, group }: { title: string; group: FairnessGroup }) {
  const rows: [string, FairnessFigures][] = [
    ["Everybody", group.overall],
    ...group.byTier.map((one): [string, FairnessFigures] => [
      `${spelled(one.tier)} membership`,
      one,
    ]),
    ...group.byUrgency.map((one): [string, FairnessFigures] => [spelled(one.urgency), one]),
  ];
  return (
    <div class="table-frame">
      <table class="table stacked">
        <caption class="fairness-title">{title}</caption>
        <thead>
          <tr>
            <th scope="col">Of</th>
            <th scope="col">People</th>
            <th scope="col">In time</th>
            <th scope="col">The longest</th>
            <th scope="col">How even</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([label, one]) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td>
                {one.waits}
                <span class="stacked-label"> people</span>
              </td>
              <td>
                <span class="stacked-label">In time </span>
                {share(one.insideTarget)}
              </td>
              <td>
                <span class="stacked-label">The longest </span>
                {decimal(one.longest)}
              </td>
              <td>
                {evenWords(one)}
                {one.jain !== null && (
                  <span class="sub">
                    Jain {decimal(one.jain, 2)}, Gini {decimal(one.gini, 2)}
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
