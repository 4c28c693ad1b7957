import { everyNth, roundScale } from "./model/scale";

export interface Series {
  label: string;
  /** One for each place of the chart; null where there is nothing to tell. */
  values: readonly (number | null)[];
  kind: "line" | "bars";
}

interface ChartProps {
  title: string;
  /** What the values count. */
  unit: string;
  /** What stands below: one for each value. */
  places: readonly string[];
  series: readonly Series[];
  /** Whether it has the whole page beside it; then it is drawn wider, with letters of the same size. */
  isWide?: boolean;
}

const WIDE = 1000;
const NARROW = 460;
const HEIGHT = 240;
const LEFT = 44;
const BOTTOM = 28;
const TOP = 12;
const MOST_LABELS = 8;

/** Lines and bars over days; the same figures stand in a table below, for whoever wants them. */
export function Chart({ title, unit, places, series, isWide = false }: ChartProps) {
  const total = isWide ? WIDE : NARROW;
  const values = series.flatMap(({ values: some }) => some.filter((one) => one !== null));
  const { top, steps } = roundScale(Math.max(0, ...values));
  const width = (total - LEFT) / Math.max(1, places.length);
  const x = (place: number): number => LEFT + width * (place + 0.5);
  const y = (value: number): number => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
  const nth = everyNth(places.length, MOST_LABELS);
  const bars = series.filter(({ kind }) => kind === "bars");
  // Lines lie over bars.
  const inOrder = [...bars, ...series.filter(({ kind }) => kind === "line")];
  if (values.length === 0)
    return (
      <figure class="chart">
        <figcaption>
          <h2>{title}</h2>
        </figcaption>
        <p class="hint">There is nothing to tell of this time yet.</p>
      </figure>
    );
  return (
    <figure class="chart">
      <figcaption>
        <h2>{title}</h2>
        <ul class="chart-legend">
          {series.map(({ label, kind }, place) => (
            <li key={label} class={`chart-key chart-${kind} chart-${place}`}>
              {label}
            </li>
          ))}
        </ul>
      </figcaption>
      <svg
        viewBox={`0 0 ${total} ${HEIGHT}`}
        role="img"
        aria-label={`${title}; the figures stand in the table below`}
      >
        {steps.map((step) => (
          <g key={step}>
            <line class="chart-grid" x1={LEFT} x2={total} y1={y(step)} y2={y(step)} />
            <text class="chart-label" x={LEFT - 8} y={y(step) + 4} text-anchor="end">
              {step}
            </text>
          </g>
        ))}
        {places.map(
          (label, place) =>
            place % nth === 0 && (
              <text
                key={label}
                class="chart-label"
                x={x(place)}
                y={HEIGHT - 8}
                text-anchor="middle"
              >
                {label}
              </text>
            ),
        )}
        {inOrder.map((one) =>
          one.kind === "bars" ? (
            <Bars
              key={one.label}
              values={one.values}
              place={series.indexOf(one)}
              offset={bars.indexOf(one) / bars.length}
              width={width / bars.length}
              left={(at) => LEFT + width * at}
              y={y}
            />
          ) : (
            <Line key={one.label} values={one.values} place={series.indexOf(one)} x={x} y={y} />
          ),
        )}
      </svg>
      <details class="chart-table">
        <summary>As a table</summary>
        <div class="table-frame">
          <table class="table">
            <caption class="sr-only">
              {title} ({unit})
            </caption>
            <thead>
              <tr>
                <th scope="col">Day</th>
                {series.map(({ label }) => (
                  <th key={label} scope="col">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {places.map((label, place) => (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  {series.map((one) => (
                    <td key={one.label}>{shown(one.values[place])}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

interface BarsProps {
  values: readonly (number | null)[];
  place: number;
  /** Where in its day a bar begins, as a share of it. */
  offset: number;
  width: number;
  left: (place: number) => number;
  y: (value: number) => number;
}

function Bars({ values, place, offset, width, left, y }: BarsProps) {
  const full = left(1) - left(0);
  const gap = Math.min(3, width / 6);
  return (
    <g class={`chart-${place}`}>
      {values.map((value, at) =>
        value ? (
          <rect
            key={left(at)}
            x={left(at) + full * offset + gap}
            y={y(value)}
            width={Math.max(1, width - 2 * gap)}
            height={y(0) - y(value)}
            rx={Math.min(3, width / 4)}
          />
        ) : null,
      )}
    </g>
  );
}

interface LineProps {
  values: readonly (number | null)[];
  place: number;
  x: (place: number) => number;
  y: (value: number) => number;
}

function Line({ values, place, x, y }: LineProps) {
  const points = values.flatMap((value, at) =>
    value === null ? [] : [`${x(at).toFixed(1)},${y(value).toFixed(1)}`],
  );
  return (
    <g class={`chart-${place}`}>
      <polyline points={points.join(" ")} />
      {points.map((point) => {
        const [cx, cy] = point.split(",");
        return <circle key={point} cx={cx} cy={cy} r={2.5} />;
      })}
    </g>
  );
}

function shown(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}
