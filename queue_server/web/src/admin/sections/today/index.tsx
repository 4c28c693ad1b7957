import type { ClinicMetrics } from "../../../generated/contract";
import { ownNow } from "../../../shared/clock";
import { follow } from "../../../shared/route";
import { age } from "../../../shared/time";
import { clinicName } from "../../../staff/directory";
import { Empty, Failure, Loading } from "../../../staff/states";
import { Page } from "../../parts/page";
import { clinicFilter } from "../../state/address";
import { minutesWords, share, sparkPoints } from "./model/tiles";
import { type Tiles, type Trail, useTiles } from "./use-tiles";
import "./today.css";

/** How the clinics stand today, as it happens. */
export default function TodaySection() {
  const clinicId = clinicFilter.value;
  const tiles = useTiles(clinicId);
  return (
    <Page
      title="Today"
      lead="How the clinics stand, each by its own clock."
      actions={<Live tiles={tiles} />}
    >
      <Found tiles={tiles} />
    </Page>
  );
}

function Live({ tiles: { isLive, heardAt } }: { tiles: Tiles }) {
  if (isLive)
    return (
      <p class="live" role="status">
        <span class="live-dot" aria-hidden="true" /> Live
      </p>
    );
  return (
    <p class="live live-lost" role="status">
      <span class="live-dot" aria-hidden="true" /> Not live
      {heardAt > 0 && <span aria-hidden="true"> · as of {age(heardAt, ownNow())}</span>}
    </p>
  );
}

function Found({ tiles: found }: { tiles: ReturnType<typeof useTiles> }) {
  const { tiles, trails, failure, reload } = found;
  if (tiles === null)
    return failure ? (
      <Failure what="the figures" error={failure} retry={() => void reload()} />
    ) : (
      <Loading what="the figures" />
    );
  if (tiles.size === 0)
    return (
      <Empty title="There are no clinics yet">
        <p>Their figures appear here as soon as there is one.</p>
      </Empty>
    );
  const sorted = [...tiles.values()].sort((one, other) =>
    clinicName(one.clinicId).localeCompare(clinicName(other.clinicId)),
  );
  return (
    <div class="clinic-tiles">
      {sorted.map((one) => (
        <Clinic key={one.clinicId} one={one} trail={trails.get(one.clinicId)} />
      ))}
    </div>
  );
}

function Clinic({ one, trail }: { one: ClinicMetrics; trail: Trail | undefined }) {
  const { clinicId, slaBreaches } = one;
  return (
    <section class="card clinic-card" aria-label={clinicName(clinicId)}>
      <div class="card-head">
        <h2>{clinicName(clinicId)}</h2>
        {slaBreaches > 0 && (
          <span class="chip chip-danger">
            <span aria-hidden="true">!</span>
            {slaBreaches} waited too long
          </span>
        )}
      </div>
      <dl class="tiles">
        <Tile label="Waiting now" value={one.waiting} trail={trail?.waiting} />
        <Tile label="With a doctor" value={one.inConsultation} />
        <Tile label="On the waitlist" value={one.queueDepth} trail={trail?.queueDepth} />
        <Tile label="Booked from it today" value={one.promotionsToday} />
        <Tile label="Left with a time" value={share(one.conversionRate)} />
        <Tile label="Waited for it" value={minutesWords(one.avgWaitMinutes)} />
        <Tile label="Expired" value={one.expiredCount} />
      </dl>
      <a href={`/admin/waitlist?clinic=${clinicId}`} onClick={follow}>
        Who waits<span class="sr-only"> at {clinicName(clinicId)}</span>
      </a>
    </section>
  );
}

interface TileProps {
  label: string;
  value: number | string;
  trail?: readonly number[] | undefined;
}

function Tile({ label, value, trail }: TileProps) {
  const points = trail ? sparkPoints(trail, 96, 24) : "";
  return (
    <div class="tile">
      <dt>{label}</dt>
      <dd>
        <span class="tile-value">{value}</span>
        {points && (
          <svg class="spark" viewBox="-2 -2 100 28" aria-hidden="true">
            <polyline points={points} />
          </svg>
        )}
      </dd>
    </div>
  );
}
